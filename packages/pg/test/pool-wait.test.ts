import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import type { SpanCollecting } from '@org/tracing-testing';
import type pg from 'pg';
import { expect, test } from 'vitest';

import { database, pgSpans, saying, tracing } from './traced-database.ts';

const server = database();

const WAIT = 'db.client.connection.wait_time';

/** The waits of the queries, in the order of their ends. */
function waits(spans: SpanCollecting): unknown[] {
  return pgSpans(spans).map(({ attributes }) => attributes[WAIT]);
}

test('a query of a pool says how many seconds it waited for its client', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  const holder = await pool.connect();
  const waiting = withSpan('request', () => pool.query('SELECT 1'));
  const asleep = await holder.query<{ seconds: number }>(
    'SELECT extract(epoch FROM clock_timestamp() - now())::float AS seconds FROM pg_sleep(0.1)',
  );
  holder.release();
  await waiting;
  const seconds = asleep.rows[0]?.seconds ?? 0;
  const [query] = pgSpans(spans);
  expect(query && saying(query)).toEqual({
    name: 'SELECT',
    kind: 2,
    status: { code: 0 },
    attributes: {
      ...server.connection,
      'db.query.summary': 'SELECT',
      'db.query.text': 'SELECT ?',
      [WAIT]: expect.any(Number),
    },
    events: [],
  });
  expect(waits(spans)[0]).toBeGreaterThanOrEqual(seconds);
  expect(waits(spans)[0]).toBeLessThan(seconds + 5);
});

test.each<[form: string, run: (pool: pg.Pool) => Promise<unknown>]>([
  ['pool.query as a promise', (pool) => pool.query('SELECT 1')],
  ['pool.query with a callback', (pool) => new Promise((resolve) => pool.query('SELECT 1', resolve))],
])('each query of %s has its own wait', async (_form, run) => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  await withSpan('request', () => Promise.all([run(pool), run(pool), run(pool)]));
  expect(waits(spans)).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
  expect(new Set(waits(spans)).size).toBe(3);
});

test.each<[form: string, connect: (pool: pg.Pool) => Promise<pg.PoolClient>]>([
  ['a promise', (pool) => pool.connect()],
  [
    'a callback',
    (pool) =>
      new Promise((resolve, reject) => {
        pool.connect((error, client) => (client ? resolve(client) : reject(error ?? new Error('no client'))));
      }),
  ],
])('of a client that was checked out by %s only the first query has the wait', async (_form, connect) => {
  const spans = tracing();
  const pool = server.pool();
  for (let round = 0; round < 2; round++) {
    await withSpan('request', async () => {
      const client = await connect(pool);
      await client.query('BEGIN');
      await client.query('SELECT 1');
      await client.query('COMMIT');
      client.release();
    });
  }
  const once = [expect.any(Number), undefined, undefined];
  expect(waits(spans)).toEqual([...once, ...once]);
});

test('a query of another trace than the one that waited has no wait, nor has a later one', async () => {
  const spans = tracing();
  const pool = server.pool();
  const client = await withSpan('waiting', () => pool.connect());
  await context.with(ROOT_CONTEXT, () => withSpan('other', () => client.query('SELECT 1')));
  client.release();
  const untraced = await pool.connect();
  await withSpan('later', () => untraced.query('SELECT 1'));
  untraced.release();
  expect(waits(spans)).toEqual([undefined, undefined]);
});

test('a client without a pool has no wait', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT 1'));
  expect(waits(spans)).toEqual([undefined]);
});

test('with connectSpans the wait is told too', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool();
  await withSpan('request', async () => {
    await pool.query('SELECT 1');
    const client = await pool.connect();
    await client.query('SELECT 1');
    client.release();
  });
  const queries = pgSpans(spans).filter(({ name }) => name === 'SELECT');
  expect(queries.map(({ attributes }) => attributes[WAIT])).toEqual([expect.any(Number), expect.any(Number)]);
});

test('a rejection of pool.connect that nobody handles stays unhandled, and one that somebody does is handled', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  const taken = await pool.connect();
  // Not before: the first one has to get its client on a busy machine too.
  pool.options.connectionTimeoutMillis = 20;
  await withSpan('request', () => expect(pool.connect()).rejects.toThrow('timeout exceeded'));
  await withSpan('request', () => expect(pool.query('SELECT 1')).rejects.toThrow('timeout exceeded'));
  taken.release();
  expect(pgSpans(spans)).toEqual([]);
});
