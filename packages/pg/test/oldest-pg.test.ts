import { once } from 'node:events';
import { createRequire } from 'node:module';

import { trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import type { PgTracingOptions } from '../src/options.ts';
import { tracePg } from '../src/trace-pg.ts';
import { database, pgSpans } from './traced-database.ts';

const server = database();

/** The oldest version of pg that is supported. */
const oldest = createRequire(import.meta.url)('pg80') as typeof pg;

async function tracedClient(
  options?: PgTracingOptions,
): Promise<{ client: pg.Client; spans: SpanCollecting }> {
  const spans = collectSpans();
  const undo = tracePg(oldest, options);
  const client = new oldest.Client({ connectionString: server.url });
  onTestFinished(async () => {
    await client.end();
    undo();
    await spans.close();
  });
  await client.connect();
  return { client, spans };
}

test('pg 8.0: a promise, a callback, a pool and new Query make one span each', async () => {
  const { client, spans } = await tracedClient();
  const pool = new oldest.Pool({ connectionString: server.url });
  onTestFinished(() => pool.end());
  await withSpan('request', async () => {
    await client.query('SELECT $1::int', [1]);
    await new Promise((resolve) => client.query('SELECT 1', resolve));
    await pool.query('SELECT 1');
    await once(client.query(new oldest.Query('SELECT 1')), 'end');
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['SELECT', 'SELECT', 'SELECT', 'SELECT']);
  expect(new Set(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
});

test('pg 8.0: a failed query is an error span with its SQLSTATE', async () => {
  const { client, spans } = await tracedClient();
  await expect(withSpan('request', () => client.query('SELECT * FROM nowhere'))).rejects.toThrow('nowhere');
  expect(pgSpans(spans)[0]?.attributes).toMatchObject({ 'db.response.status_code': '42P01' });
});

test('pg 8.0 changes a configuration object, and queries that share it still get the context of each (P9)', async () => {
  const { client, spans } = await tracedClient();
  const seen: (string | undefined)[] = [];
  const requests: (string | undefined)[] = [];
  const shared = { text: 'SELECT 1' };
  await new Promise<void>((resolve) => {
    function callback(): void {
      seen.push(trace.getActiveSpan()?.spanContext().spanId);
      if (seen.length === 4) resolve();
    }
    for (const id of [1, 2, 3, 4]) {
      withSpan(`request ${id}`, (span) => {
        requests.push(span.spanContext().spanId);
        // From the second on, the object has the callback of the first.
        Reflect.apply(client.query, client, id % 2 ? [shared, callback] : [shared]);
      });
    }
  });
  expect(seen).toEqual(requests);
  expect(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).toEqual(requests);
});

test('pg 8.0: comments and the session’s name tell the span, and go with it (P15, P16)', async () => {
  const { client, spans } = await tracedClient({ sqlComments: true, applicationName: true });
  const text = "SELECT current_query() AS sent, current_setting('application_name') AS name";
  const config = { text };
  const rows: unknown[] = [];
  await withSpan('request', async () => {
    rows.push((await client.query(config)).rows[0]);
    rows.push((await client.query({ text: `${text}, $1::int`, values: [1] })).rows[0]);
    rows.push(
      await new Promise((resolve) => client.query(config, (_error, result) => resolve(result.rows[0]))),
    );
  });
  rows.push((await client.query(config)).rows[0], (await client.query(config)).rows[0]);
  const told = pgSpans(spans).map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`);
  expect(rows).toEqual([
    { sent: `${text} /*traceparent='${told[0]}'*/`, name: told[0] },
    { sent: `${text}, $1::int /*traceparent='${told[1]}'*/`, name: told[1], int4: 1 },
    { sent: `${text} /*traceparent='${told[2]}'*/`, name: told[2] },
    { sent: text, name: '' },
    { sent: text, name: '' },
  ]);
  // pg 8.0 leaves the callback in the object that it is given: ours was a copy.
  expect(config).toEqual({ text });
});

test('pg 8.0: a notification is in nobody’s request, and a query of a pool knows its wait', async () => {
  const { client, spans } = await tracedClient();
  const pool = new oldest.Pool({ connectionString: server.url });
  onTestFinished(() => pool.end());
  const listener = await withSpan('opening request', () => pool.connect());
  const notified = new Promise((resolve) => {
    listener.on('notification', () => resolve(trace.getActiveSpan()));
  });
  await listener.query('LISTEN stock');
  await client.query('NOTIFY stock');
  expect(await notified).toBeUndefined();
  listener.release();
  await withSpan('request', () => pool.query('SELECT 1'));
  expect(pgSpans(spans)[0]?.attributes).toMatchObject({
    'db.client.connection.wait_time': expect.any(Number),
  });
});
