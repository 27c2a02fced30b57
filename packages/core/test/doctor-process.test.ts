import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import type { DoctorReport } from '../src/doctor/doctor-report.ts';
import { version } from '../src/version.ts';
import { runChild } from './support/child.ts';
import { complaints, finding } from './support/codes.ts';
import { installWithout } from './support/install-without.ts';
import { otlpSink } from './support/otlp-sink.ts';

const PACKAGE = dirname(fileURLToPath(new URL('.', import.meta.url)));
const API = realpathSync(join(PACKAGE, 'node_modules/@opentelemetry/api'));
const API_VERSION: string = JSON.parse(readFileSync(join(API, 'package.json'), 'utf8')).version;

/** What the doctor says in a process that has run this; `seen` is whatever the program puts there. */
async function reportOf(
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<DoctorReport & { readonly seen?: unknown }> {
  const child = runChild(
    `import { createRequire } from 'node:module';
     import * as core from '@org/tracing-core';
     import { context, propagation, trace } from '@opentelemetry/api';
     const { initTracing, doctor } = core;
     const require = createRequire(${JSON.stringify(join(PACKAGE, 'package.json'))});
     let seen;
     ${program}
     process.stdout.write(JSON.stringify({ ...(await doctor()), seen }) + '\\n');`,
    environment,
  );
  return JSON.parse(await child.line());
}

/** A copy of the API, as another version of it. */
function otherApi(otherVersion: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-api-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'node_modules/@opentelemetry/api');
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(API, copy, { recursive: true });
  for (const file of ['package.json', 'build/src/version.js']) {
    const text = readFileSync(join(copy, file), 'utf8');
    writeFileSync(join(copy, file), text.replaceAll(API_VERSION, otherVersion));
  }
  return copy;
}

const OWN_PROVIDER = `
  const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
  const provider = new NodeTracerProvider();
`;

test('a whole report of a process', async () => {
  const sink = await otlpSink();
  const report = await reportOf(
    `const handle = initTracing({ serviceName: 'shop', otlp: { endpoint: ${JSON.stringify(sink.url)} } });
     core.configureConsoleLogging(new console.Console(process.stderr));
     core.liveTracer('shop', '1').startSpan('open');
     for (const name of ['one', 'two']) core.liveTracer('shop', '1').startSpan(name).end();
     await handle.forceFlush();`,
  );
  const url = `${sink.url}/v1/traces`;
  expect(report).toEqual({
    healthy: true,
    view: 'process',
    folder: PACKAGE,
    findings: [
      {
        level: 'note',
        code: 'plugins-none',
        message:
          'No plugin of the kit is registered in this process: requests that arrive, and queries, make no spans',
        advice:
          'Where there are such, install and register @org/tracing-express, @org/tracing-fastify, @org/tracing-koa, @org/tracing-pg.',
      },
      { level: 'ok', code: 'node', message: `Node ${process.versions.node} is new enough` },
      { level: 'ok', code: 'api', message: `@opentelemetry/api is ${API_VERSION}` },
      { level: 'ok', code: 'provider', message: 'The tracer provider is that of initTracing' },
      { level: 'ok', code: 'service', message: 'The service is called shop' },
      { level: 'ok', code: 'sampler', message: 'Every trace that begins here is recorded' },
      { level: 'ok', code: 'endpoint', message: `Spans go to ${url} as http/protobuf` },
      { level: 'ok', code: 'propagators', message: 'Context travels as tracecontext, baggage' },
      { level: 'ok', code: 'loggers', message: 'Log lines have trace ids: console' },
      { level: 'ok', code: 'spans', message: '3 recorded spans have begun, 2 have ended' },
      { level: 'ok', code: 'export', message: `2 of 2 spans have gone to ${url}, 0 are waiting` },
    ],
    node: process.versions.node,
    core: [{ name: '@org/tracing-core', version, folder: PACKAGE }],
    api: {
      registered: API_VERSION,
      copies: [{ name: '@opentelemetry/api', version: API_VERSION, folder: API }],
    },
    service: 'shop',
    sampler: 'parentbased_always_on',
    propagators: ['tracecontext', 'baggage'],
    exporters: [{ name: 'otlp', url, protocol: 'http/protobuf' }],
    traced: { outgoingHttp: true, plugins: [], instrumentations: [] },
    untraced: [],
    loggers: ['console'],
    provider: { setBy: 'initTracing', name: 'RestartableTracerProvider' },
    contextManager: { setBy: 'initTracing', name: 'AsyncLocalStorageContextManager' },
    propagator: { setBy: 'initTracing', name: 'CompositePropagator' },
    spans: {
      started: 3,
      ended: 2,
      exports: [{ exporter: 'otlp', url, taken: 2, exported: 2, dropped: 0, waiting: 0 }],
    },
  });
});

test('not-started: nobody has called initTracing', async () => {
  const report = await reportOf('');
  expect(finding(report, 'not-started')?.level).toBe('problem');
  expect(report.provider).toEqual({ setBy: 'nobody' });
  expect(report.api.registered).toBeUndefined();
});

test('not-started: tracing was shut down', async () => {
  const report = await reportOf(`await initTracing({ exporter: 'none' }).shutdown();`);
  expect(finding(report, 'not-started')?.level).toBe('problem');
});

test('a look leaves nothing behind: another copy of the API may still be the first to register', async () => {
  const copy = otherApi('1.99.0');
  const { seen } = await reportOf(
    `await doctor();
     const other = require(${JSON.stringify(copy)});
     ${OWN_PROVIDER}
     seen = other.trace.setGlobalTracerProvider(provider);`,
  );
  expect(seen).toBe(true);
});

test('provider-application: a provider was registered before initTracing', async () => {
  const report = await reportOf(
    `${OWN_PROVIDER} provider.register(); initTracing({ serviceName: 'shop' });`,
    {
      OTEL_LOG_LEVEL: 'none',
      OTEL_TRACES_SAMPLER: 'always_off',
    },
  );
  expect(report.provider).toEqual({ setBy: 'application', name: 'NodeTracerProvider' });
  expect(finding(report, 'provider-application')?.level).toBe('note');
  // They are those of the application's provider, which does not tell.
  expect(report).not.toHaveProperty('service');
  expect(report).not.toHaveProperty('exporters');
  expect(complaints(report)).toEqual(['provider-application', 'plugins-none', 'loggers-none']);
});

test('not-started is a note where the application has a provider of its own', async () => {
  const report = await reportOf(`${OWN_PROVIDER} provider.register();`);
  expect(finding(report, 'not-started')?.level).toBe('note');
});

test('context-none: a provider without a context manager', async () => {
  const report = await reportOf(
    `${OWN_PROVIDER} trace.setGlobalTracerProvider(provider); propagation.disable();`,
  );
  expect(complaints(report)).toContain('context-none');
});

test('context-none: somebody has taken the context manager away', async () => {
  const report = await reportOf(`initTracing({ exporter: 'console' }); context.disable();`);
  expect(complaints(report)).toContain('context-none');
});

test('provider-none: somebody has taken the provider away', async () => {
  const report = await reportOf(`initTracing({ exporter: 'console' }); trace.disable();`);
  expect(complaints(report)).toContain('provider-none');
});

test('propagators-none: somebody has taken the propagator away', async () => {
  const report = await reportOf(`initTracing({ exporter: 'console' }); propagation.disable();`);
  expect(complaints(report)).toContain('propagators-none');
});

test('propagator-application: the application registered its own before', async () => {
  const report = await reportOf(
    `const { W3CTraceContextPropagator } = require('@opentelemetry/core');
     propagation.setGlobalPropagator(new W3CTraceContextPropagator());
     initTracing({ exporter: 'console' });`,
    { OTEL_LOG_LEVEL: 'none' },
  );
  expect(complaints(report)).toContain('propagator-application');
  expect(report.propagators).toEqual(['tracecontext']);
});

test('settings-late: variables that were set too late do not count, and it is said which', async () => {
  const report = await reportOf(
    `initTracing({ logLevel: 'none' });
     process.env.OTEL_EXPORTER_OTLP_ENDPOINT = 'http://localhost:4318';
     process.env.OTEL_SERVICE_NAME = 'shop';
     delete process.env.OTEL_TRACES_SAMPLER;
     process.env.OTEL_NODE_RESOURCE_DETECTORS = 'read by others';
     await doctor();
     seen = process.env.OTEL_SERVICE_NAME;`,
    { OTEL_TRACES_SAMPLER: 'always_off' },
  );
  expect(finding(report, 'settings-late')?.message).toBe(
    'Since initTracing read the environment, these have changed: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER',
  );
  expect(report.exporters).toEqual([{ name: 'console' }]);
  expect(report.service).toMatch(/^unknown_service:/);
  expect(report.sampler).toBe('always_off');
  expect(report.seen).toBe('shop');
});

test('core-copies: two copies of core are in use, and either tells the same', async () => {
  const folder = installWithout();
  const other = JSON.stringify(join(folder, 'program.mjs'));
  const report = await reportOf(
    `const other = await import(${other});
     initTracing({ serviceName: 'shop', exporter: 'console' });
     other.notePlugin({ name: '@org/tracing-hummingbird', version: '1.2.3' });
     seen = await other.doctor();`,
  );
  expect(finding(report, 'core-copies')?.level).toBe('note');
  expect(report.core.map((copy) => copy.folder).toSorted()).toEqual(
    [PACKAGE, realpathSync(join(folder, 'node_modules/@org/tracing-core'))].toSorted(),
  );
  expect(report.traced.plugins).toEqual([{ name: '@org/tracing-hummingbird', version: '1.2.3' }]);
  const { seen, ...rest } = report;
  expect(seen).toEqual(rest);
});

test('api-blind: a newer copy of the API does not see what was registered by an older one', async () => {
  const copy = otherApi('1.99.0');
  const report = await reportOf(
    `initTracing({ exporter: 'console' });
     seen = require(${JSON.stringify(copy)}).trace.getTracer('t').startSpan('lost').isRecording();`,
  );
  expect(report.seen).toBe(false);
  expect(finding(report, 'api-blind')?.message).toContain(copy);
  expect(report.healthy).toBe(false);
});

test('api-copies: an older copy of the API sees it', async () => {
  const copy = otherApi('1.8.0');
  const report = await reportOf(
    `initTracing({ exporter: 'console' });
     const span = require(${JSON.stringify(copy)}).trace.getTracer('t').startSpan('kept');
     seen = span.isRecording();`,
  );
  expect(report.seen).toBe(true);
  expect(finding(report, 'api-copies')).toMatchObject({
    level: 'note',
    message: expect.stringContaining(copy),
  });
});

test.each([
  ['console', 'core.configureConsoleLogging(console)', 'undo()'],
  ['loglevel', `core.configureLogging(require('loglevel'))`, 'undo()'],
  ['winston', `core.traceWinston(require('winston').createLogger())`, 'undo()'],
  ['winston', 'core.winstonTraceFormat()', undefined],
  ['pino', 'core.pinoTraceMixin()', undefined],
])('loggers: lines of %s have ids by %s', async (name, configure, undo) => {
  const set = `initTracing({ exporter: 'console' }); const undo = ${configure};`;
  const report = await reportOf(set);
  expect(report.loggers).toEqual([name]);
  expect(complaints(report)).not.toContain('loggers-none');
  if (undo === undefined) return;
  expect((await reportOf(`${set} ${undo};`)).loggers).toEqual([]);
});

test('loggers-none: names the loggers that are loaded', async () => {
  const report = await reportOf(`require('pino'); initTracing({ exporter: 'console' });`);
  expect(finding(report, 'loggers-none')?.message).toBe('Log lines have no trace ids: pino');
});

test("upstream's instrumentations are named", async () => {
  const report = await reportOf(
    `const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
     initTracing({ exporter: 'console', instrumentations: [new HttpInstrumentation()] });`,
  );
  expect(report.traced.instrumentations).toEqual(['@opentelemetry/instrumentation-http']);
});
