import { once } from 'node:events';
import { createServer } from 'node:net';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

test('connecting and a pool’s client make no spans unless asked for', async () => {
  const spans = tracing();
  const pool = server.pool();
  await withSpan('request', async () => {
    await server.client();
    await pool.query('SELECT 1');
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['SELECT']);
});

test('connect() as a promise makes the CLIENT span pg.connect and gives the client (P4)', async () => {
  const spans = tracing({ connectSpans: true });
  const client = new pg.Client(server.url);
  onTestFinished(() => client.end());
  const given: unknown = await withSpan('request', () => client.connect());
  expect(given).toBe(client);
  const [connect] = pgSpans(spans);
  expect(connect).toMatchObject({
    name: 'pg.connect',
    kind: SpanKind.CLIENT,
    status: { code: SpanStatusCode.UNSET },
  });
  expect(connect?.attributes).toEqual(server.connection);
});

test('connect(callback) returns nothing and hands over the client, as pg does without saying so (P4)', async () => {
  const spans = tracing({ connectSpans: true });
  const client = new pg.Client(server.url);
  onTestFinished(() => client.end());
  const given = await withSpan(
    'request',
    () =>
      new Promise<unknown[]>((resolve) => {
        const returned: unknown = client.connect((...args: unknown[]) => resolve(args));
        expect(returned).toBeUndefined();
      }),
  );
  expect(given).toEqual([null, client]);
  expect(pgSpans(spans)).toMatchObject([{ name: 'pg.connect' }]);
});

test('a connection that fails rejects or calls back with its error, and is an error span (P4)', async () => {
  const spans = tracing({ connectSpans: true });
  const url = `postgres://me:secret@127.0.0.1:${await closedPort()}/stock`;
  await withSpan('request', async () => {
    await expect(new pg.Client(url).connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const error = await new Promise((resolve) => new pg.Client(url).connect(resolve));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
  const failed = {
    name: 'pg.connect',
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'ECONNREFUSED', 'db.namespace': 'stock' },
    events: [{ name: 'exception' }],
  };
  expect(pgSpans(spans)).toMatchObject([failed, failed]);
  const recorded = pgSpans(spans).map(({ attributes, events }) => [attributes, events[0]?.attributes]);
  expect(JSON.stringify(recorded)).not.toContain('secret');
});

test('a connection that the server refuses has its SQLSTATE', async () => {
  const spans = tracing({ connectSpans: true });
  const url = new URL(server.url);
  url.pathname = '/nowhere';
  await expect(withSpan('request', () => new pg.Client(url.href).connect())).rejects.toMatchObject({
    code: '3D000',
  });
  expect(pgSpans(spans)).toMatchObject([
    {
      status: { message: 'database "nowhere" does not exist' },
      attributes: { 'db.response.status_code': '3D000', 'error.type': '3D000' },
    },
  ]);
});

test('the span of pool.connect is the parent of the connection’s, and the query’s is the request’s child (P12)', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool();
  await withSpan('request', async () => {
    const client = await pool.connect();
    await client.query('SELECT 1');
    client.release();
  });
  const [connect, acquire, query, request] = spans.spans;
  expect(acquire).toMatchObject({
    name: 'pg-pool.connect',
    kind: SpanKind.INTERNAL,
    parentSpanId: request?.spanId,
  });
  expect(acquire?.attributes).toEqual(server.connection);
  expect(connect).toMatchObject({ name: 'pg.connect', parentSpanId: acquire?.spanId });
  expect(query).toMatchObject({ name: 'SELECT', parentSpanId: request?.spanId });
});

test('pool.connect(callback) returns nothing, and its release works (P12)', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool({ max: 1 });
  for (let round = 0; round < 2; round++) {
    await withSpan(
      'request',
      () =>
        new Promise<void>((resolve) => {
          const returned: unknown = pool.connect((_error, _client, release) => {
            release();
            resolve();
          });
          expect(returned).toBeUndefined();
        }),
    );
  }
  expect(pgSpans(spans).map(({ name }) => name)).toEqual([
    'pg.connect',
    'pg-pool.connect',
    'pg-pool.connect',
  ]);
  expect(pool.totalCount).toBe(1);
});

test('pool.query with connectSpans makes the spans of waiting, connecting and asking (P12)', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool();
  await withSpan('request', () => pool.query('SELECT 1'));
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['pg.connect', 'pg-pool.connect', 'SELECT']);
});

test('waiting for a client in vain is an error span', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool({ max: 1 });
  const taken = await pool.connect();
  pool.options.connectionTimeoutMillis = 20;
  onTestFinished(() => taken.release());
  await expect(withSpan('request', () => pool.connect())).rejects.toThrow('timeout exceeded');
  expect(pgSpans(spans)).toMatchObject([{ name: 'pg-pool.connect', status: { code: SpanStatusCode.ERROR } }]);
});

test('an invalid connection string is left to pg, and its password to nobody (P5)', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = new pg.Pool({ connectionString: 'postgres://me:secret@[broken/stock' });
  expect(() => withSpan('request', () => pool.query('SELECT 1'))).toThrow('Invalid URL');
  const [acquire] = pgSpans(spans);
  expect(acquire).toMatchObject({ name: 'pg-pool.connect', attributes: { 'error.type': 'ERR_INVALID_URL' } });
  expect(JSON.stringify([acquire?.attributes, acquire?.events[0]?.attributes])).not.toContain('secret');
});

test('pools get no listeners from tracing, and those of the application keep working (P13)', async () => {
  const spans = tracing({ connectSpans: true });
  const pools = [server.pool(), server.pool()];
  let connected = 0;
  for (const pool of pools) {
    const before = pool.eventNames().map((name) => [name, pool.listenerCount(name)]);
    for (let round = 0; round < 3; round++) await withSpan('request', () => pool.query('SELECT 1'));
    expect(pool.eventNames().map((name) => [name, pool.listenerCount(name)])).toEqual(before);
    pool.on('acquire', () => (connected += 1));
    await pool.query('SELECT 1');
  }
  expect(connected).toBe(2);
  expect(pgSpans(spans).filter(({ name }) => name === 'SELECT')).toHaveLength(6);
});
