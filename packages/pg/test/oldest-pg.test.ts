import { once } from 'node:events';
import { createRequire } from 'node:module';

import { trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { tracePg } from '../src/trace-pg.ts';
import { database, pgSpans } from './traced-database.ts';

const server = database();

/** The oldest version of pg that is supported. */
const oldest = createRequire(import.meta.url)('pg80') as typeof pg;

async function tracedClient(): Promise<{ client: pg.Client; spans: SpanCollecting }> {
  const spans = collectSpans();
  const undo = tracePg(oldest);
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

test('P9: pg 8.0 changes a configuration object, and queries that share it still get the context of each', async () => {
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
