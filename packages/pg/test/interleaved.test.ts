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

test('10,000 interleaved queries over an exhausted pool of five: none has the parent of another (P9)', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 5 });
  const text = 'SELECT $1::int AS id';
  const asked = new Map<string, number>();
  const answered = new Map<string, number>();
  function answer(rows: { id: number }[]): void {
    // What is active where the answer comes is what was active where it was asked for.
    answered.set(trace.getActiveSpan()?.spanContext().spanId ?? '', rows[0]?.id ?? -1);
  }
  const ask: ((id: number) => Promise<void>)[] = [
    async (id) => answer((await pool.query<{ id: number }>(text, [id])).rows),
    (id) =>
      new Promise((resolve, reject) => {
        pool.query<{ id: number }>(text, [id], (error, result) => {
          if (error) return reject(error);
          answer(result.rows);
          return resolve();
        });
      }),
    async (id) => {
      const client = await pool.connect();
      answer((await client.query<{ id: number }>(text, [id])).rows);
      client.release();
    },
  ];
  await Promise.all(
    [...Array(10_000).keys()].map((id) =>
      withSpan('request', async (span) => {
        asked.set(span.spanContext().spanId, id);
        await ask[id % ask.length]?.(id);
      }),
    ),
  );
  const requests = new Map(
    spans.spans.filter(({ name }) => name === 'request').map((span) => [span.spanId, span]),
  );
  const strangers = pgSpans(spans).filter(
    ({ traceId, parentSpanId }) => requests.get(parentSpanId ?? '')?.traceId !== traceId,
  );
  expect(strangers).toEqual([]);
  expect(new Set(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).size).toBe(10_000);
  expect(answered).toEqual(asked);
  expect(spans.started).toBe(spans.ended);
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
