import { createRequire } from 'node:module';

import { trace } from '@opentelemetry/api';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { initTracing, withSpan } from '@org/tracing-core';
import { spanCollector } from '@org/tracing-testing';
import pg, * as namespace from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import type { PgTracingOptions } from '../src/options.ts';
import { type PgModule, tracePg } from '../src/trace-pg.ts';
import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();
const poolClass = Object.getPrototypeOf(pg.Pool) as typeof pg.Pool;

/** Everything that tracing could have left on pg's classes. */
function shapeOfPg(): unknown[] {
  return [pg.Client.prototype, poolClass.prototype].map((prototype) =>
    Object.getOwnPropertyDescriptors(prototype),
  );
}

const modules: [how: string, module: PgModule][] = [
  ['import pg', pg],
  ['import * as pg', namespace],
  ['require', createRequire(import.meta.url)('pg') as typeof pg],
  ['a namespace with nothing but a default export', { default: pg }],
];

test.each(modules)('the module is accepted as %s (P18, X6)', async (_how, module) => {
  const spans = tracing();
  const undo = tracePg(module);
  onTestFinished(undo);
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT 1'));
  expect(pgSpans(spans)).toHaveLength(1);
});

test('clients and pools from before tracePg are traced, and classes taken out of the module (X6)', async () => {
  const { Client, Pool } = pg;
  const client = await server.client();
  const pool = new Pool({ connectionString: server.url });
  onTestFinished(() => pool.end());
  const spans = tracing();
  const later = new Client(server.url);
  await later.connect();
  onTestFinished(() => later.end());
  await withSpan('request', async () => {
    for (const each of [client, pool, later]) await each.query('SELECT 1');
  });
  expect(pgSpans(spans)).toHaveLength(3);
});

test('tracePg twice on one module makes one span, and either undo undoes it (X7)', async () => {
  const before = shapeOfPg();
  const spans = tracing();
  const undoSecond = tracePg(pg, { queryText: false });
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT 1'));
  expect(pgSpans(spans)).toHaveLength(1);
  expect(pgSpans(spans)[0]?.attributes).toHaveProperty(['db.query.text']);
  undoSecond();
  expect(shapeOfPg()).toEqual(before);
});

test.each([{}, { connectSpans: true }])(
  'undo restores pg exactly, and tracing again works (%j)',
  async (options) => {
    const before = shapeOfPg();
    const undo = tracePg(pg, options);
    expect(shapeOfPg()).not.toEqual(before);
    undo();
    undo();
    expect(shapeOfPg()).toEqual(before);
    const spans = tracing(options);
    const client = await server.client();
    await withSpan('request', () => client.query('SELECT 1'));
    expect(pgSpans(spans)).toHaveLength(1);
  },
);

test('undo leaves wrappers of the application’s in place, which then reach an untraced pg', async () => {
  const wrapped = [
    [pg.Client.prototype, 'query'],
    [pg.Client.prototype, 'connect'],
    [poolClass.prototype, 'connect'],
  ] as const;
  for (const [prototype, name] of wrapped) {
    const before = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
    onTestFinished(() => void Object.defineProperty(prototype, name, before));
  }
  const spans = tracing({ connectSpans: true });
  const calls: string[] = [];
  for (const [prototype, name] of wrapped) {
    const traced = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
    Reflect.set(prototype, name, function (this: unknown, ...args: unknown[]): unknown {
      calls.push(name);
      return Reflect.apply(traced, this, args);
    });
  }
  tracePg(pg)();
  await withSpan('request', () => server.pool().query('SELECT 1'));
  expect(calls).toEqual(['connect', 'connect', 'query']);
  expect(pgSpans(spans)).toEqual([]);
});

test('tracePg before initTracing works, and so does initTracing again after a shutdown', async () => {
  const undo = tracePg(pg);
  onTestFinished(undo);
  const client = await server.client();
  await withSpan('untraced', () => client.query('SELECT 1'));
  for (let round = 0; round < 2; round++) {
    const spans = spanCollector();
    const tracingOn = initTracing({
      serviceName: 'test',
      exporter: 'none',
      spanProcessors: [spans.processor],
    });
    await withSpan('request', () => client.query('SELECT 1'));
    expect(spans.spans.map(({ name }) => name)).toEqual(['SELECT', 'request']);
    await tracingOn.shutdown();
  }
});

/** OpenTelemetry's own instrumentation, applied to the module in hand. */
function upstream(): void {
  const instrumentation = new PgInstrumentation({ enabled: false });
  instrumentation.setTracerProvider(trace.getTracerProvider());
  const definitions = instrumentation.getModuleDefinitions();
  const found = definitions.map(({ name, patch, unpatch }) => ({
    module: name === 'pg' ? pg : poolClass,
    patch,
    unpatch,
  }));
  for (const { module, patch } of found) patch?.(module);
  onTestFinished(() => {
    for (const { module, unpatch } of found) unpatch?.(module);
  });
}

test('one span a query where OpenTelemetry’s instrumentation was there before, with the caller’s context (X7)', async () => {
  const spans = tracing();
  tracePg(pg)();
  upstream();
  const undo = tracePg(pg, { connectSpans: true });
  onTestFinished(undo);
  const pool = server.pool();
  await withSpan('request', async () => {
    const active = trace.getActiveSpan();
    await pool.query('SELECT 1');
    await new Promise<void>((resolve) => {
      pool.query('SELECT 1', () => {
        expect(trace.getActiveSpan()).toBe(active);
        resolve();
      });
    });
    expect(trace.getActiveSpan()).toBe(active);
  });
  const names = spans.spans.map(({ name }) => name);
  expect(names.toSorted()).toEqual([
    'SELECT',
    'SELECT',
    'pg-pool.connect',
    'pg-pool.connect',
    'pg.connect',
    'request',
  ]);
});

test('one span a query where OpenTelemetry’s instrumentation came afterwards (X7)', async () => {
  const spans = tracing({ connectSpans: true });
  upstream();
  const pool = server.pool();
  await withSpan('request', () => pool.query('SELECT 1'));
  const names = spans.spans.map(({ name }) => name);
  const query = `pg.query:SELECT ${String(server.connection['db.namespace'])}`;
  expect(names.toSorted()).toEqual(['pg-pool.connect', 'pg.connect', query, 'request']);
});

const badOptions: [options: unknown, message: string][] = [
  [null, 'options: expected an object; got null (object)'],
  [{ requireParent: 'no' }, 'requireParent: expected a boolean; got no (string)'],
  [{ queryText: 1 }, 'queryText: expected a boolean; got 1 (number)'],
  [{ connectSpans: null }, 'connectSpans: expected a boolean; got null (object)'],
  [{ applicationName: 'stock' }, 'applicationName: expected a boolean; got stock (string)'],
  [{ sqlComments: 1 }, 'sqlComments: expected a boolean or { propagator }; got 1 (number)'],
  [{ sqlComments: { propagator: 'b3' } }, 'sqlComments.propagator: expected a propagator; got b3 (string)'],
  [{ requestHook: {} }, 'requestHook: expected a function; got [object Object] (object)'],
  [{ responseHook: true }, 'responseHook: expected a function; got true (boolean)'],
  [{ parameterValues: 'all' }, 'parameterValues: expected a boolean or limits; got all (string)'],
  [
    { parameterValues: { maxLength: 0 } },
    'parameterValues.maxLength: expected a positive integer; got 0 (number)',
  ],
  [
    { parameterValues: { maxCount: 1.5 } },
    'parameterValues.maxCount: expected a positive integer; got 1.5 (number)',
  ],
];

test.each(badOptions)('the options %j are refused with a TypeError that says why', (options, message) => {
  const before = shapeOfPg();
  expect(() => tracePg(pg, options as PgTracingOptions)).toThrow(new TypeError(message));
  expect(shapeOfPg()).toEqual(before);
});

test.each([[null], [undefined], ['pg'], [{}], [pg.Client], [{ Client: Map, Pool: Map }]])(
  'what is not the module pg is refused with a TypeError (%#)',
  (module) => {
    expect(() => tracePg(module as never)).toThrow(
      /^pg: expected the module "pg" \(import pg from 'pg'\); got /,
    );
  },
);

test('each span has the resource of the provider that is registered; without one there are none and pg works (Y6)', async () => {
  const collecting = { serviceName: 'stock', resourceAttributes: { 'deployment.environment.name': 'test' } };
  const spans = tracing({ connectSpans: true }, collecting);
  const pool = server.pool();
  await withSpan('request', () => pool.query('SELECT 1'));
  expect(pgSpans(spans)).toHaveLength(3);
  for (const { serviceName, resourceAttributes } of pgSpans(spans)) {
    expect({ serviceName, ...resourceAttributes }).toMatchObject({
      serviceName: 'stock',
      'deployment.environment.name': 'test',
    });
  }
  await spans.close();
  spans.reset();
  const undo = tracePg(pg, {
    requireParent: false,
    connectSpans: true,
    sqlComments: true,
    applicationName: true,
  });
  onTestFinished(undo);
  expect((await withSpan('request', () => pool.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  expect(spans.spans).toEqual([]);
});
