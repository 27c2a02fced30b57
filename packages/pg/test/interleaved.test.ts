import { trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { expect, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const REQUESTS = [...Array(200).keys()];

test('200 interleaved requests over two connections: each has the span of its own query', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 2 });
  await Promise.all(
    REQUESTS.map((id) =>
      withSpan(`request ${id}`, async () => {
        await pool.query(`SELECT pg_sleep(0.001) AS "first ${id}"`);
        await pool.query(`SELECT 1 AS "second ${id}"`);
      }),
    ),
  );
  const queries = (id: number): string[] => [
    `SELECT pg_sleep(?) AS "first ${id}"`,
    `SELECT ? AS "second ${id}"`,
  ];
  const asked = spans.traces().map((whole) => {
    const request = whole.find(({ name }) => name.startsWith('request'));
    const below = whole.filter(({ parentSpanId }) => parentSpanId === request?.spanId);
    return [request?.name, below.map(({ attributes }) => attributes['db.query.text'])];
  });
  expect(Object.fromEntries(asked)).toEqual(
    Object.fromEntries(REQUESTS.map((id) => [`request ${id}`, queries(id)])),
  );
  expect(pgSpans(spans)).toHaveLength(2 * REQUESTS.length);
});

test('with the raw API, inside startActiveSpan, a query is a child', async () => {
  const spans = tracing();
  const client = await server.client();
  await trace.getTracer('application').startActiveSpan('own', async (own) => {
    await client.query('SELECT 1');
    own.end();
  });
  const [query, own] = spans.spans;
  expect([query?.name, own?.name]).toEqual(['SELECT', 'own']);
  expect(query?.parentSpanId).toBe(own?.spanId);
});
