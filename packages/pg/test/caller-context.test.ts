import { once } from 'node:events';

import { context, createContextKey, SamplingDecision, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const REQUEST = createContextKey('request');

/** Runs `fn` in a span of its own, whose context says which request it is. */
function request<T>(id: number, fn: () => T): T {
  return withSpan(`request ${id}`, () => context.with(context.active().setValue(REQUEST, id), fn));
}

const activeRequest = (): unknown => context.active().getValue(REQUEST);

test('without a parent there is no span, for a client, a pool or a connection (P8)', async () => {
  const spans = tracing({ connectSpans: true });
  const client = await server.client();
  const pool = server.pool();
  await client.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(spans.started).toBe(0);
});

test('a parent with an invalid span context is none (P8)', async () => {
  const spans = tracing();
  const client = await server.client();
  const invalid = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 });
  await context.with(trace.setSpan(context.active(), invalid), () => client.query('SELECT 1'));
  expect(spans.started).toBe(0);
});

test('requireParent: false makes a root span', async () => {
  const spans = tracing({ requireParent: false });
  const client = await server.client();
  await client.query('SELECT 1');
  expect(pgSpans(spans)).toMatchObject([{ name: 'SELECT' }]);
  expect(pgSpans(spans)[0]).not.toHaveProperty('parentSpanId');
});

test('in a context that suppresses tracing there is nothing (X4)', async () => {
  const seen: string[] = [];
  const spans = tracing({ requireParent: false, connectSpans: true, requestHook: () => seen.push('hook') });
  const pool = server.pool();
  await withSpan('request', () =>
    context.with(suppressTracing(context.active()), async () => {
      const client = await server.client();
      await client.query('SELECT 1');
      await pool.query('SELECT 1');
    }),
  );
  expect(pgSpans(spans)).toEqual([]);
  expect(seen).toEqual([]);
});

test('a query that is not sampled has no hook, and pg gets the application’s own arguments', async () => {
  const seen: string[] = [];
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) };
  const spans = tracing({ requestHook: () => seen.push('hook'), connectSpans: true }, { sampler });
  const pool = server.pool();
  await withSpan('request', async () => {
    const client = await pool.connect();
    const query = new pg.Query('SELECT 1');
    const ended = once(client.query(query), 'end');
    expect(Object.hasOwn(query, 'handleError')).toBe(false);
    await ended;
    client.release();
  });
  expect(spans.started).toBe(0);
  expect(seen).toEqual([]);
});

test('a callback runs in the context of its caller, on a connection opened in another (P9)', async () => {
  tracing();
  const client = await request(1, () => server.client());
  await request(2, async () => {
    const parent = trace.getSpan(context.active());
    await new Promise<void>((resolve) => {
      client.query('SELECT 1', () => {
        expect(activeRequest()).toBe(2);
        expect(trace.getSpan(context.active())).toBe(parent);
        resolve();
      });
    });
  });
});

test('the continuation of a promise runs in the context of its caller (P9)', async () => {
  tracing();
  const client = await request(1, () => server.client());
  await request(2, async () => {
    const parent = trace.getSpan(context.active());
    await client.query('SELECT 1').then(() => expect(trace.getSpan(context.active())).toBe(parent));
    expect(activeRequest()).toBe(2);
  });
});

test.each([2, 7])('one callback shared by %i queries gets the context of each (P9)', async (count) => {
  const spans = tracing();
  const pool = server.pool({ max: 2 });
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    function shared(): void {
      seen.push(activeRequest());
      if (seen.length === count) resolve();
    }
    for (let id = 0; id < count; id++) request(id, () => pool.query({ text: 'SELECT 1' }, shared));
  });
  expect(new Set(seen)).toEqual(new Set(Array(count).keys()));
  expect(pgSpans(spans)).toHaveLength(count);
});

test.each([2, 7])('one resolver shared by %i queries gets the context of each (P9)', async (count) => {
  tracing();
  const client = await server.client();
  const seen: unknown[] = [];
  const shared = (): void => void seen.push(activeRequest());
  await Promise.all(
    [...Array(count).keys()].map((id) => request(id, () => client.query('SELECT 1').then(shared))),
  );
  expect(new Set(seen)).toEqual(new Set(Array(count).keys()));
});

test('one configuration object shared by several queries gets the context of each (P9)', async () => {
  tracing();
  const client = await server.client();
  const seen: unknown[] = [];
  await new Promise<void>((resolve) => {
    const shared = {
      text: 'SELECT 1',
      callback: () => {
        seen.push(activeRequest());
        if (seen.length === 3) resolve();
      },
    };
    for (const id of [1, 2, 3]) request(id, () => void Reflect.apply(client.query, client, [shared]));
  });
  expect(seen).toEqual([1, 2, 3]);
});

const poolQueries: [form: string, run: (pool: ReturnType<typeof server.pool>) => Promise<unknown>][] = [
  ['pool.query as a promise', (pool) => pool.query('SELECT pg_sleep(0.001)')],
  [
    'pool.query with a callback',
    (pool) => new Promise((resolve) => pool.query('SELECT pg_sleep(0.001)', resolve)),
  ],
  [
    'pool.connect with a callback',
    (pool) =>
      new Promise<void>((resolve, reject) => {
        pool.connect((error, client, release) => {
          if (error || !client) return reject(error ?? new Error('no client'));
          client.query('SELECT pg_sleep(0.001)', () => {
            release();
            resolve();
          });
        });
      }),
  ],
];

test.each(poolQueries)(
  '200 interleaved requests over two connections: no span in a wrong trace (%s)',
  async (_form, run) => {
    const spans = tracing();
    const pool = server.pool({ max: 2 });
    await Promise.all([...Array(200).keys()].map((id) => request(id, () => run(pool))));
    const traces = spans.traces();
    expect(traces).toHaveLength(200);
    for (const spansOfOne of traces) {
      const root = spansOfOne.find(({ name }) => name.startsWith('request'));
      const query = spansOfOne.find(({ name }) => name === 'SELECT');
      expect(spansOfOne).toHaveLength(2);
      expect(query?.parentSpanId).toBe(root?.spanId);
    }
  },
);
