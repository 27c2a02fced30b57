import { SamplingDecision } from '@opentelemetry/api';
import { type SpanRecord, withSpan } from '@org/tracing-core';
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { expect, onTestFinished, test } from 'vitest';

import { database, pgSpans, saying, tracing } from './traced-database.ts';

const server = database();

/** The name of the session while this very query runs. */
const NAME = "SELECT current_setting('application_name') AS name";

function traceparent(span: SpanRecord | undefined): string {
  return `00-${span?.traceId}-${span?.spanId}-01`;
}

async function nameIn(client: pg.Client | pg.Pool | pg.PoolClient): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(NAME);
  return rows[0]?.name;
}

test('the session’s name stays the application’s own unless asked for (P16)', async () => {
  tracing();
  const client = await server.client({ application_name: 'stock' });
  expect(await withSpan('request', () => nameIn(client))).toBe('stock');
});

test('with applicationName, the session is called by the traceparent of the query that runs (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client({ application_name: 'stock' });
  const other = new pg.Client(server.url);
  await other.connect();
  onTestFinished(() => other.end());
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const seen = await withSpan('request', () => nameIn(client));
  const [query] = spans.spans;
  expect(seen).toBe(traceparent(query));
  // Afterwards the view has it beside the last query.
  const activity = await other.query(
    'SELECT application_name AS name, query, state FROM pg_stat_activity WHERE pid = $1',
    [rows[0]?.pid],
  );
  expect(activity.rows).toEqual([{ name: seen, query: NAME, state: 'idle' }]);
});

test('the statement that sets the name makes no span and is not heard of in the query’s result (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client();
  const result = await withSpan('request', () => client.query('SELECT 1 AS one'));
  expect(result).toMatchObject({ command: 'SELECT', rows: [{ one: 1 }] });
  expect(spans.spans.map(({ name }) => name)).toEqual(['SELECT', 'request']);
  expect(pgSpans(spans).map(saying)).toMatchObject([
    { attributes: { ...server.connection, 'db.query.text': 'SELECT ? AS one' }, events: [] },
  ]);
});

test('prepared statements, callbacks and streams have the name too (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client();
  const seen: unknown[] = [];
  await withSpan('request', async () => {
    for (let round = 0; round < 2; round++) {
      const { rows } = await client.query<{ name: string }>({ name: 'prepared', text: NAME });
      seen.push(rows[0]?.name);
    }
    await new Promise<void>((resolve) => {
      client.query<{ name: string }>(NAME, (_error, { rows }) => {
        seen.push(rows[0]?.name);
        resolve();
      });
    });
    const [row] = await client.query(new QueryStream(NAME)).toArray();
    seen.push((row as { name: string }).name);
  });
  await spans.settled();
  expect(seen).toEqual(pgSpans(spans).map(traceparent));
  expect(seen).toHaveLength(4);
});

test('200 interleaved queries on a pool, two at a time on each client, have the names of their own spans (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const pool = server.pool({ max: 5 });
  const seen = await Promise.all(
    [...Array(100).keys()].map((id) =>
      withSpan(`request ${id}`, async () => {
        const client = await pool.connect();
        // Queued one behind the other, under spans of their own.
        const names = await Promise.all([
          withSpan('first', async (span) => [span.spanContext().spanId, await nameIn(client)] as const),
          withSpan('second', async (span) => [span.spanContext().spanId, await nameIn(client)] as const),
        ]);
        client.release();
        return names;
      }),
    ),
  );
  const expected = pgSpans(spans).map((query) => [query.parentSpanId, traceparent(query)] as const);
  expect(expected).toHaveLength(200);
  expect(new Map(seen.flat())).toEqual(new Map(expected));
});

test('a query without a span has the session’s own name again, also between two that have one (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client({ application_name: 'stock' });
  const seen = await Promise.all([
    nameIn(client),
    withSpan('request', () => nameIn(client)),
    nameIn(client),
    withSpan('request', () => nameIn(client)),
  ]);
  const [first, second] = pgSpans(spans);
  expect(seen).toEqual(['stock', traceparent(first), 'stock', traceparent(second)]);
  expect([await nameIn(client), await nameIn(client)]).toEqual(['stock', 'stock']);
});

test('the own name is back after a rollback brought one of ours back (P16)', async () => {
  tracing({ applicationName: true });
  const client = await server.client({ application_name: 'stock' });
  await withSpan('request', () => client.query('BEGIN'));
  expect(await nameIn(client)).toBe('stock');
  await client.query('ROLLBACK');
  expect(await nameIn(client)).toBe('stock');
});

test('an unsampled query sets no name (P16)', async () => {
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) };
  tracing({ applicationName: true }, { sampler });
  const client = await server.client({ application_name: 'stock' });
  expect(await withSpan('request', () => nameIn(client))).toBe('stock');
});

test('in a transaction that has failed, the application meets its own errors and no other (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client();
  const errors: unknown[] = [];
  client.on('error', (error) => errors.push(error));
  await withSpan('request', async () => {
    await client.query('BEGIN');
    await expect(client.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    // Queued at once: when these are called nobody knows yet how the transaction will stand.
    await Promise.allSettled([client.query('SELECT 1'), client.query('ROLLBACK'), client.query('SELECT 1')]);
    await nameIn(client);
  });
  expect(pgSpans(spans).map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['BEGIN', undefined],
    ['SELECT', '22012'],
    ['SELECT', '25P02'],
    ['SELECT', '25P02'],
    ['ROLLBACK', undefined],
    ['SELECT', undefined],
    ['SELECT', undefined],
  ]);
  expect(errors).toEqual([]);
});

test('after a failed transaction the next query has its own name (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client();
  const seen = await withSpan('request', async () => {
    await client.query('BEGIN');
    await client.query('SELECT 1/0').catch(() => undefined);
    const [, name] = await Promise.all([client.query('ROLLBACK'), nameIn(client)]);
    return name;
  });
  expect(seen).toBe(traceparent(pgSpans(spans).at(-1)));
});

test('a transaction may still say what it is before its first query (P16)', async () => {
  tracing({ applicationName: true });
  const client = await server.client();
  const level = await withSpan('request', async () => {
    await client.query('BEGIN');
    await client.query('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    const { rows } = await client.query<{ level: string }>(
      "SELECT current_setting('transaction_isolation') AS level",
    );
    await client.query('COMMIT');
    return rows[0]?.level;
  });
  expect(level).toBe('serializable');
});

test('bad arguments fail as ever, and a lost connection fails the query alone (P3, P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client();
  expect(() => withSpan('request', () => Reflect.apply(client.query, client, [null]))).toThrow(
    'Client was passed a null or undefined query',
  );
  const lost = withSpan('request', () => client.query('SELECT pg_sleep(60)'));
  client.connection.stream.destroy();
  await expect(lost).rejects.toThrow('Connection terminated unexpectedly');
  expect(pgSpans(spans)).toHaveLength(2);
});

test('pipelined queries have the names of their own spans (P16)', async () => {
  const spans = tracing({ applicationName: true });
  const client = await server.client({ pipeline: true });
  const seen = await Promise.all(
    [...Array(20).keys()].map((id) => withSpan(`request ${id}`, () => nameIn(client))),
  );
  expect(seen).toEqual(pgSpans(spans).map(traceparent));
});

test('with sqlComments and applicationName, both tell the same span (P15, P16)', async () => {
  const spans = tracing({ applicationName: true, sqlComments: true });
  const client = await server.client();
  const { rows } = await withSpan('request', () => client.query(`${NAME}, current_query() AS sent`));
  const [query] = pgSpans(spans);
  expect(rows).toEqual([
    {
      name: traceparent(query),
      sent: `${NAME}, current_query() AS sent /*traceparent='${traceparent(query)}'*/`,
    },
  ]);
});
