import { once } from 'node:events';

import { context, createContextKey, trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { database, pgSpans, saying, tracing } from './traced-database.ts';

const server = database();

const REQUEST = createContextKey('request');

/** A client that was opened inside a request, as one of a pool is. */
function openedInRequest(): Promise<pg.Client> {
  return withSpan('opening request', () =>
    context.with(context.active().setValue(REQUEST, 'opening'), () => server.client()),
  );
}

/** What is active, as a listener sees it. */
function active(): unknown[] {
  return [trace.getActiveSpan(), context.active().getValue(REQUEST)];
}

const NOBODY = [undefined, undefined];

test('LISTEN and NOTIFY are queries; the notification’s listener runs in nobody’s request', async () => {
  const spans = tracing();
  const client = await openedInRequest();
  const other = await server.client();
  const seen: unknown[] = [];
  const notified = once(client, 'notification');
  client.on('notification', ({ channel, payload }) => seen.push([channel, payload, ...active()]));
  await withSpan('request', () => client.query('LISTEN stock'));
  await withSpan('request', () => other.query("NOTIFY stock, 'a-1'"));
  await notified;
  expect(seen).toEqual([['stock', 'a-1', ...NOBODY]]);
  const described = (name: string, text: string): unknown => ({
    name,
    kind: 2,
    status: { code: 0 },
    attributes: { ...server.connection, 'db.query.summary': name, 'db.query.text': text },
    events: [],
  });
  expect(pgSpans(spans).map(saying)).toEqual([
    described('LISTEN', 'LISTEN stock'),
    described('NOTIFY', 'NOTIFY stock, ?'),
  ]);
});

test('what a listener of notifications asks is its own trace, and with requireParent none', async () => {
  const spans = tracing();
  const client = await openedInRequest();
  const other = await server.client();
  await client.query('LISTEN stock');
  const handled = new Promise<void>((resolve) => {
    client.on('notification', () => {
      void other
        .query('SELECT 1')
        .then(() => withSpan('handle notification', () => other.query('SELECT 2')))
        .then(() => resolve());
    });
  });
  await other.query('NOTIFY stock');
  await handled;
  const names = spans.traces().map((whole) => whole.map(({ name }) => name));
  expect(names).toEqual([['opening request'], ['SELECT', 'handle notification']]);
});

test('a notification that comes with an answer is nobody’s either, the answer is the caller’s', async () => {
  tracing();
  const client = await openedInRequest();
  const seen: unknown[] = [];
  client.on('notification', () => seen.push(active()));
  await client.query('LISTEN stock');
  await withSpan('request', async () => {
    const request = trace.getActiveSpan();
    await new Promise<void>((resolve) => {
      client.query('NOTIFY stock', () => {
        expect(trace.getActiveSpan()).toBe(request);
        resolve();
      });
    });
    // In the order of the socket: once this is answered, the notification has come.
    await client.query('SELECT 1');
  });
  expect(seen).toEqual([NOBODY]);
});

test('notices, the error and the end of a connection are in nobody’s request', async () => {
  tracing();
  const client = await openedInRequest();
  const other = await server.client();
  const seen: unknown[] = [];
  for (const name of ['notice', 'error', 'end'])
    client.on(name as 'end', () => seen.push([name, ...active()]));
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await client.query("DO $$ BEGIN RAISE NOTICE 'hello'; END $$");
  const ended = new Promise((resolve) => client.once('end', resolve));
  await other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await ended;
  expect(seen.map((each) => (each as unknown[])[0])).toEqual(
    expect.arrayContaining(['notice', 'error', 'end']),
  );
  for (const [, ...found] of seen as unknown[][]) expect(found).toEqual(NOBODY);
});

test('an idle client of a pool that is lost tells the pool’s listener in nobody’s request, and no span is left', async () => {
  const spans = tracing();
  const pool = new pg.Pool({ connectionString: server.url });
  onTestFinished(() => pool.end());
  const other = await server.client();
  const lost = new Promise<unknown[]>((resolve) => {
    pool.on('error', (error) => resolve([(error as { code?: string }).code, ...active()]));
  });
  const pid = await withSpan('opening request', async () => {
    const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return rows[0]?.pid;
  });
  await other.query('SELECT pg_terminate_backend($1)', [pid]);
  expect(await lost).toEqual(['57P01', ...NOBODY]);
  // The pool goes on with a new connection.
  await withSpan('request', () => pool.query('SELECT 1'));
  await spans.settled();
  expect(pgSpans(spans).map(({ status }) => status.code)).toEqual([0, 0]);
});

test('pool.query calls back in the caller’s context when the connection is lost under it (P9)', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  await withSpan('opening request', () => pool.query('SELECT 1'));
  // The pool hears of it from the client before the query does, and calls back at once.
  pool.once('acquire', ({ connection }) => process.nextTick(() => connection.stream.destroy()));
  await withSpan('request', async (request) => {
    const called = await new Promise<unknown[]>((resolve) => {
      pool.query('SELECT pg_sleep(60)', (error) => resolve([error.message, trace.getActiveSpan()]));
    });
    expect(called).toEqual(['Connection terminated unexpectedly', request]);
  });
  await spans.settled();
  expect(pgSpans(spans).at(-1)?.attributes).toMatchObject({ 'error.type': 'Error' });
});

test('queries of a pool’s onConnect and of its connect listener belong to the request that opened the connection', async () => {
  const spans = tracing();
  const pool = server.pool({
    onConnect: async (client) => {
      await client.query('SET statement_timeout = 1000');
    },
  });
  await withSpan('opening request', () => pool.query('SELECT 1'));
  await withSpan('later request', () => pool.query('SELECT 1'));
  const names = spans.traces().map((whole) => whole.map(({ name }) => name));
  expect(names).toEqual([
    ['SET', 'SELECT', 'opening request'],
    ['SELECT', 'later request'],
  ]);
});
