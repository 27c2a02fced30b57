import { hostname } from 'node:os';

import type { Attributes } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import type { InitTracingOptions } from '../src/sdk/options.ts';
import { runChild } from './support/child.ts';
import { collectWarnings, oneSpan, spansOf } from './support/started.ts';

async function resourceOf(
  options: InitTracingOptions = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Attributes> {
  const [span] = await spansOf(oneSpan, options, environment);
  return { ...span?.resource.attributes };
}

test('the resource names service, SDK, process and host, and nothing that was passed as an argument', async () => {
  const attributes = await resourceOf({ serviceName: 'shop', serviceVersion: '1.2.3' });
  // A container may run a user without a name.
  delete attributes['process.owner'];
  expect(attributes).toEqual({
    'service.name': 'shop',
    'service.version': '1.2.3',
    'service.instance.id': expect.stringMatching(/^[\da-f-]{36}$/),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': expect.stringMatching(/^2\./),
    'host.name': hostname(),
    'host.arch': expect.any(String),
    'process.pid': process.pid,
    'process.executable.name': expect.any(String),
    'process.executable.path': process.execPath,
    'process.command': expect.any(String),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'process.runtime.description': 'Node.js',
  });
});

test('to find the resource nothing is asked of the network, and no process is started', async () => {
  const program = `
    import { createHook } from 'node:async_hooks';
    import { writeSync } from 'node:fs';
    const { initTracing } = await import('@org/tracing-core');
    const asked = [];
    // Node opens it, here a pipe, when it is first named, as our messages do.
    process.stderr;
    createHook({ init: (_id, type) => void asked.push(type) }).enable();
    const tracing = initTracing({ exporter: 'none' });
    await tracing.forceFlush();
    await tracing.shutdown();
    writeSync(1, asked.filter((type) => /TCP|UDP|PIPE|TLS|HTTP|GETADDRINFO|GETNAMEINFO|QUERY|PROCESS/.test(type)) + '\\n');
  `;
  const child = runChild(program);
  expect(await child.line()).toBe('');
  expect(await child.exit).toEqual({ code: 0, signal: null, stderr: '' });
});

test('without a name the service is unknown_service:node', async () => {
  expect(await resourceOf()).toMatchObject({ 'service.name': 'unknown_service:node' });
});

test('service.instance.id stays the same over a restart of tracing', async () => {
  const first = await resourceOf();
  expect((await resourceOf())['service.instance.id']).toBe(first['service.instance.id']);
});

test.each<[string, InitTracingOptions, Record<string, string>, Attributes]>([
  [
    'OTEL_SERVICE_NAME names the service',
    {},
    { OTEL_SERVICE_NAME: 'from-env' },
    { 'service.name': 'from-env' },
  ],
  [
    'OTEL_RESOURCE_ATTRIBUTES adds attributes, percent-decoded',
    {},
    { OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed, deployment.environment.name=a%2Cb%3D%20c ,' },
    { 'service.name': 'listed', 'deployment.environment.name': 'a,b= c' },
  ],
  [
    'OTEL_SERVICE_NAME wins over OTEL_RESOURCE_ATTRIBUTES',
    {},
    { OTEL_SERVICE_NAME: 'named', OTEL_RESOURCE_ATTRIBUTES: 'service.name=listed,a=b' },
    { 'service.name': 'named', a: 'b' },
  ],
  [
    'resourceAttributes win over OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES',
    { resourceAttributes: { 'service.name': 'code', a: 'code' } },
    { OTEL_SERVICE_NAME: 'named', OTEL_RESOURCE_ATTRIBUTES: 'a=env,b=env' },
    { 'service.name': 'code', a: 'code', b: 'env' },
  ],
  [
    'serviceName and serviceVersion win over everything',
    { serviceName: 'code', serviceVersion: '2', resourceAttributes: { 'service.name': 'attribute' } },
    { OTEL_SERVICE_NAME: 'named', OTEL_RESOURCE_ATTRIBUTES: 'service.version=1' },
    { 'service.name': 'code', 'service.version': '2' },
  ],
  [
    'an empty OTEL_SERVICE_NAME counts as unset',
    {},
    { OTEL_SERVICE_NAME: ' ', OTEL_RESOURCE_ATTRIBUTES: '' },
    { 'service.name': 'unknown_service:node' },
  ],
])('%s', async (_sentence, options, environment, expected) => {
  const warnings = collectWarnings();
  expect(await resourceOf(options, environment)).toMatchObject(expected);
  expect(warnings).toEqual([]);
});

test.each([
  ['a value without a key', 'a=b,=c'],
  ['a key without a value', 'a=b,c'],
  ['an equals sign in a value', 'a=b,c=d=e'],
  ['a broken escape', 'a=b,c=%zz'],
])('%s in OTEL_RESOURCE_ATTRIBUTES discards all of it with one warning', async (_case, value) => {
  const warnings = collectWarnings();
  expect(await resourceOf({}, { OTEL_RESOURCE_ATTRIBUTES: value })).not.toHaveProperty('a');
  expect(warnings).toEqual([
    `OTEL_RESOURCE_ATTRIBUTES="${value}" is not a list of key=value with "," and "=" percent-encoded inside; ` +
      'nothing of it is used',
  ]);
});
