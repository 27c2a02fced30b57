import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';

import { SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { expect, test } from 'vitest';

import { database, pgSpans, saying, tracing } from './traced-database.ts';

const server = database();

/** All of a query's span. */
function asked(name: string, text: string, more: Record<string, unknown> = {}): unknown {
  const attributes = { ...server.connection, 'db.query.summary': name, 'db.query.text': text, ...more };
  return { name, kind: 2, status: { code: SpanStatusCode.UNSET }, attributes, events: [] };
}

/** All of the span of a query that failed on the server. */
function failed(name: string, text: string, code: string, message: string): unknown {
  const attributes = {
    ...server.connection,
    'db.query.summary': name,
    'db.query.text': text,
    'db.response.status_code': code,
    'error.type': code,
  };
  const status = { code: SpanStatusCode.ERROR, message };
  return { name, kind: 2, status, attributes, events: ['exception'] };
}

/** All of the span of a query that failed without an answer. */
function lost(name: string, text: string, type: string, message: string): unknown {
  const attributes = {
    ...server.connection,
    'db.query.summary': name,
    'db.query.text': text,
    'error.type': type,
  };
  const status = { code: SpanStatusCode.ERROR, message };
  return { name, kind: 2, status, attributes, events: ['exception'] };
}

const WAITED = { 'db.client.connection.wait_time': expect.any(Number) };

test('a query object, and the same one again, makes a whole span each time (P1)', async () => {
  const spans = tracing();
  const client = await server.client();
  const config = { text: 'SELECT $1::int AS n', values: [1], rowMode: 'array' };
  await withSpan('request', async () => {
    for (let round = 0; round < 2; round++) expect((await client.query(config)).rows).toEqual([[1]]);
  });
  const whole = asked('SELECT', 'SELECT $1::int AS n');
  expect(pgSpans(spans).map(saying)).toEqual([whole, whole]);
  expect(config).toEqual({ text: 'SELECT $1::int AS n', values: [1], rowMode: 'array' });
});

test('a prepared statement that runs twice is two spans with its name (P1, P7)', async () => {
  const spans = tracing();
  const client = await server.client();
  const statement = { name: 'stock-by-sku', text: 'SELECT relname FROM pg_class WHERE relname = $1' };
  await withSpan('request', async () => {
    for (const sku of ['a', 'b']) await client.query({ ...statement, values: [sku] });
    // By its name alone, as pg allows once it is prepared.
    await Reflect.apply(client.query, client, [{ name: 'stock-by-sku', values: ['c'] }]);
  });
  const plan = { 'db.postgresql.plan': 'stock-by-sku' };
  const whole = asked('stock-by-sku', statement.text, plan);
  const { 'db.query.text': _, ...byName } = (whole as { attributes: Record<string, unknown> }).attributes;
  expect(pgSpans(spans).map(saying)).toEqual([whole, whole, { ...(whole as object), attributes: byName }]);
});

test('several statements in one text are one span, whose summary has each, and give their results', async () => {
  const spans = tracing();
  const client = await server.client();
  const results: unknown = await withSpan('request', () =>
    client.query('CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t WHERE a > 1;'),
  );
  expect(results).toMatchObject([{ command: 'CREATE' }, { rowCount: 2 }, { rows: [{ a: 2 }] }]);
  expect(pgSpans(spans).map(saying)).toEqual([
    asked(
      'CREATE TABLE t; INSERT t; SELECT t',
      'CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (?), (?); SELECT a FROM t WHERE a > ?;',
    ),
  ]);
});

test('several statements of which one fails are one error span (P11)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => expect(client.query('SELECT 1; SELECT 1/0; SELECT 2')).rejects.toThrow());
  expect(pgSpans(spans).map(saying)).toEqual([
    failed('SELECT; SELECT; SELECT', 'SELECT ?; SELECT ?/?; SELECT ?', '22012', 'division by zero'),
  ]);
});

test('a transaction on a pool’s client is a span for each of its queries, below one parent', async () => {
  const spans = tracing();
  const pool = server.pool();
  await withSpan('request', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('SAVEPOINT s');
    await client.query('SELECT 1/0').catch(() => undefined);
    await client.query('ROLLBACK TO s');
    await client.query('COMMIT');
    client.release();
  });
  expect(pgSpans(spans).map(saying)).toEqual([
    asked('BEGIN', 'BEGIN', WAITED),
    asked('SAVEPOINT', 'SAVEPOINT s'),
    failed('SELECT', 'SELECT ?/?', '22012', 'division by zero'),
    asked('ROLLBACK', 'ROLLBACK TO s'),
    asked('COMMIT', 'COMMIT'),
  ]);
  expect(new Set(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
});

test('COPY from and to the server is one span each, until the last byte', async () => {
  const spans = tracing();
  const client = await server.client();
  await client.query('CREATE TEMP TABLE copied (a int)');
  const lines = Array.from({ length: 5000 }, (_, n) => `${n}\n`);
  const read = await withSpan('request', async () => {
    await pipeline(Readable.from(lines), client.query(copyFrom('COPY copied FROM STDIN')));
    return textOf(client.query(copyTo('COPY copied TO STDOUT')));
  });
  expect(read).toBe(lines.join(''));
  await spans.settled();
  expect(pgSpans(spans).map(saying)).toEqual([
    asked('COPY copied', 'COPY copied FROM STDIN'),
    asked('COPY copied', 'COPY copied TO STDOUT'),
  ]);
});

test('COPY with a line that the server refuses is an error span, and a later query is fine', async () => {
  const spans = tracing();
  const client = await server.client();
  await client.query('CREATE TEMP TABLE copied (a int)');
  await withSpan('request', async () => {
    const copy = client.query(copyFrom('COPY copied FROM STDIN'));
    await expect(pipeline(Readable.from(['secret\n']), copy)).rejects.toMatchObject({ code: '22P02' });
    await client.query('SELECT 1');
  });
  await spans.settled();
  expect(pgSpans(spans).map(saying)).toEqual([
    failed('COPY copied', 'COPY copied FROM STDIN', '22P02', 'invalid input syntax for type integer: "?"'),
    asked('SELECT', 'SELECT ?'),
  ]);
});

test('COPY that the application gives up ends its span', async () => {
  const spans = tracing();
  const client = await server.client();
  await client.query('CREATE TEMP TABLE copied (a int)');
  await withSpan('request', async () => {
    const copy = client.query(copyFrom('COPY copied FROM STDIN'));
    copy.on('error', () => undefined);
    copy.write('1\n');
    copy.destroy();
    await client.query('SELECT 1');
  });
  await spans.settled();
  expect(pgSpans(spans)[0]).toMatchObject({ name: 'COPY copied', attributes: { 'error.type': '57014' } });
});

test('a stream that is destroyed midway ends its span without an error, with an error passed to destroy too', async () => {
  const spans = tracing();
  const client = await server.client();
  const text = 'SELECT n FROM generate_series(1, $1::int) AS n';
  for (const reason of [undefined, new Error('enough')]) {
    await withSpan('request', async () => {
      const stream = client.query(new QueryStream(text, [5000], { batchSize: 10 }));
      const gone = finished(stream).catch((error: unknown) => error);
      await new Promise((resolve) => stream.once('data', resolve));
      stream.destroy(reason);
      expect(await gone).toBeInstanceOf(Error);
      await client.query('SELECT 1');
    });
  }
  await spans.settled();
  const round = [asked('SELECT generate_series', text), asked('SELECT', 'SELECT ?')];
  expect(pgSpans(spans).map(saying)).toEqual([...round, ...round]);
});

test('a cursor that is closed before it was read ends its span', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    await client.query(new Cursor('SELECT 1')).close();
    await client.query('SELECT 2');
  });
  await spans.settled();
  expect(pgSpans(spans).map(saying)).toEqual([asked('SELECT', 'SELECT ?'), asked('SELECT', 'SELECT ?')]);
});

test('a query that another cancels has the SQLSTATE of that; the one that cancels is fine', async () => {
  const spans = tracing();
  const client = await server.client();
  const other = await server.client();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  // A cancellation that comes before the query has begun is lost, so the query tells.
  const asleep = new Promise((resolve) => client.once('notice', resolve));
  const sleep = "DO $$ BEGIN RAISE NOTICE 'asleep'; PERFORM pg_sleep(60); END $$";
  const cancelled = withSpan('request', () => client.query(sleep).catch((error: unknown) => error));
  await asleep;
  await withSpan('request', () => other.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]));
  expect(await cancelled).toMatchObject({ code: '57014' });
  await withSpan('request', () => client.query('SELECT 1'));
  const [first, second, later] = pgSpans(spans)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(saying);
  expect([first, second, later]).toEqual([
    failed('DO', 'DO ?', '57014', 'canceling statement due to user request'),
    asked('SELECT', 'SELECT pg_cancel_backend($1)'),
    asked('SELECT', 'SELECT ?'),
  ]);
});

test('statement_timeout is the server’s error, query_timeout the client’s', async () => {
  const spans = tracing();
  const strict = await server.client({ statement_timeout: 20 });
  const impatient = await server.client({ query_timeout: 20 });
  await withSpan('request', async () => {
    await expect(strict.query('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await expect(impatient.query('SELECT pg_sleep(0.1)')).rejects.toThrow('Query read timeout');
  });
  await spans.settled();
  expect(pgSpans(spans).map(saying)).toEqual([
    failed('SELECT', 'SELECT pg_sleep(?)', '57014', 'canceling statement due to statement timeout'),
    lost('SELECT', 'SELECT pg_sleep(?)', 'Error', 'Query read timeout'),
  ]);
});

test('an exhausted pool that times out fails the caller and makes no query span, as no query was made', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  const taken = await pool.connect();
  // Not before: the first one has to get its client on a busy machine too.
  pool.options.connectionTimeoutMillis = 20;
  await withSpan('request', async () => {
    await expect(pool.query('SELECT 1')).rejects.toThrow('timeout exceeded when trying to connect');
    const error = await new Promise<Error>((resolve) => pool.query('SELECT 1', (reason) => resolve(reason)));
    expect(error.message).toBe('timeout exceeded when trying to connect');
  });
  taken.release();
  await withSpan('later', () => pool.query('SELECT 1'));
  expect(pgSpans(spans).map(saying)).toEqual([asked('SELECT', 'SELECT ?', WAITED)]);
});

test('with connectSpans, a wait for an exhausted pool that was in vain is an error span of its own (P12)', async () => {
  const spans = tracing({ connectSpans: true });
  const pool = server.pool({ max: 1 });
  const taken = await pool.connect();
  pool.options.connectionTimeoutMillis = 20;
  await withSpan('request', () => expect(pool.query('SELECT 1')).rejects.toThrow('timeout exceeded'));
  taken.release();
  expect(pgSpans(spans).map(saying)).toEqual([
    {
      name: 'pg-pool.connect',
      kind: 0,
      status: { code: SpanStatusCode.ERROR, message: 'timeout exceeded when trying to connect' },
      attributes: { ...server.connection, 'error.type': 'Error' },
      events: ['exception'],
    },
  ]);
});

test('a server that closes the connection under a pool’s query fails it, and the pool goes on', async () => {
  const spans = tracing();
  const pool = server.pool({ max: 1 });
  await withSpan('request', async () => {
    // The session ends itself: the answer never comes.
    const gone = pool.query('SELECT pg_terminate_backend(pg_backend_pid())');
    await expect(gone).rejects.toMatchObject({ code: '57P01' });
    await pool.query('SELECT 1');
  });
  await spans.settled();
  const [terminated, later] = pgSpans(spans).map(saying);
  expect(terminated).toEqual({
    ...(failed(
      'SELECT',
      'SELECT pg_terminate_backend(pg_backend_pid())',
      '57P01',
      'terminating connection due to administrator command',
    ) as object),
    attributes: expect.objectContaining({ 'error.type': '57P01', ...WAITED }),
  });
  expect(later).toEqual(asked('SELECT', 'SELECT ?', WAITED));
});

test('a query on a client that has ended is an error span (P3)', async () => {
  const spans = tracing();
  const client = new pg.Client(server.url);
  await client.connect();
  await client.end();
  await withSpan('request', () => expect(client.query('SELECT 1')).rejects.toThrow('not queryable'));
  expect(pgSpans(spans).map(saying)).toEqual([
    lost('SELECT', 'SELECT ?', 'Error', expect.stringContaining('not queryable') as unknown as string),
  ]);
});

test('an error whose parts cannot be read changes nothing for whoever asked (P11)', async () => {
  const spans = tracing();
  const client = await server.client();
  const odd = Object.defineProperty(new Error('odd'), 'code', {
    get() {
      throw new Error('unreadable');
    },
  });
  const values = [
    {
      toPostgres: () => {
        throw odd;
      },
    },
  ];
  const given = await withSpan('request', () =>
    client.query('SELECT $1::int', values).catch((error: unknown) => error),
  );
  expect(given).toBe(odd);
  await spans.settled();
  expect(pgSpans(spans)).toHaveLength(1);
});
