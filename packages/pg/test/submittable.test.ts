import { AsyncResource } from 'node:async_hooks';
import { once } from 'node:events';

import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { expect, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const ROWS = 'SELECT n FROM generate_series(1, $1::int) AS n';

const activeSpanId = (): string | undefined => trace.getSpan(context.active())?.spanContext().spanId;

test('a cursor read to its end makes one span, from the query to the last row', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor<{ n: number }>(ROWS, [5]));
    expect(await cursor.read(3)).toHaveLength(3);
    expect(spans.ended).toBe(0);
    expect(await cursor.read(3)).toHaveLength(2);
    expect(pgSpans(spans)).toMatchObject([
      { name: 'SELECT generate_series', status: { code: SpanStatusCode.UNSET } },
    ]);
  });
  expect(pgSpans(spans)[0]?.attributes).toEqual({
    ...server.connection,
    'db.query.summary': 'SELECT generate_series',
    'db.query.text': ROWS,
  });
});

test('a cursor that is closed early ends its span without an error', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor(ROWS, [500]));
    await cursor.read(1);
    await cursor.close();
  });
  expect(pgSpans(spans)).toMatchObject([{ status: { code: SpanStatusCode.UNSET }, events: [] }]);
});

test('a cursor that fails ends its span with the SQLSTATE', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor('SELECT 1 / (n - 3) FROM generate_series(1, 5) AS n'));
    await expect(cursor.read(10)).rejects.toThrow('division by zero');
  });
  expect(pgSpans(spans)).toMatchObject([
    {
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': '22012' },
      events: [{ name: 'exception' }],
    },
  ]);
});

test('a cursor whose connection is lost ends its span', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor(ROWS, [500]));
    await cursor.read(1);
    client.connection.stream.destroy();
    await expect(cursor.read(1)).rejects.toThrow('Connection terminated unexpectedly');
  });
  expect(pgSpans(spans)).toMatchObject([{ attributes: { 'error.type': 'Error' } }]);
});

test('a cursor whose server process is terminated ends its span with the SQLSTATE', async () => {
  const spans = tracing();
  const client = await server.client();
  const other = await server.client();
  const terminate = AsyncResource.bind((pid: unknown) =>
    other.query('SELECT pg_terminate_backend($1)', [pid]),
  );
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor('SELECT pg_sleep(60)'));
    const read = cursor.read(1).catch((error: unknown) => error);
    await terminate(rows[0]?.pid);
    expect(await read).toMatchObject({ code: '57P01' });
  });
  expect(pgSpans(spans)).toMatchObject([{ attributes: { 'db.response.status_code': '57P01' } }]);
});

test('a cursor that is given up ends its span with the connection', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const cursor = client.query(new Cursor(ROWS, [500]));
    await cursor.read(1);
  });
  expect(pgSpans(spans)).toEqual([]);
  await client.end();
  await spans.settled();
  expect(pgSpans(spans)).toMatchObject([{ status: { message: 'Connection terminated' } }]);
});

test('a query stream makes one span, which ends with its last row', async () => {
  const spans = tracing();
  const client = await server.client();
  const seen: number[] = [];
  await withSpan('request', async () => {
    for await (const row of client.query(new QueryStream(ROWS, [250], { batchSize: 100 }))) {
      expect(spans.ended).toBeLessThanOrEqual(1);
      seen.push((row as { n: number }).n);
    }
  });
  expect(seen).toHaveLength(250);
  expect(pgSpans(spans)).toMatchObject([
    {
      name: 'SELECT generate_series',
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'db.query.text': ROWS },
    },
  ]);
});

test('a query stream that is left early ends its span without an error', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    for await (const _row of client.query(new QueryStream(ROWS, [5000], { batchSize: 2 }))) break;
  });
  await spans.settled();
  expect(pgSpans(spans)).toMatchObject([{ status: { code: SpanStatusCode.UNSET } }]);
});

test('a query stream that fails ends its span with the SQLSTATE and passes the error on', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const stream = client.query(new QueryStream('SELECT * FROM nowhere'));
    await expect(stream.toArray()).rejects.toMatchObject({ code: '42P01' });
  });
  expect(pgSpans(spans)).toMatchObject([{ attributes: { 'error.type': '42P01' } }]);
});

test('listeners of a query stream run in the context of the request that asked, on any connection (P9)', async () => {
  const spans = tracing();
  const client = await withSpan('other request', () => server.client());
  const seen = new Set<string | undefined>();
  const requestId = await withSpan('request', async () => {
    const stream = client.query(new QueryStream(ROWS, [10], { batchSize: 3 }));
    stream.on('data', () => seen.add(activeSpanId()));
    await once(stream, 'end');
    return activeSpanId();
  });
  expect([...seen]).toEqual([requestId]);
  await spans.settled();
});

test('new pg.Query with listeners makes one span and runs them in the context of the caller', async () => {
  const spans = tracing();
  const client = await withSpan('other request', () => server.client());
  const seen: (string | undefined)[] = [];
  const requestId = await withSpan('request', async () => {
    const query = client.query(new pg.Query('SELECT n FROM generate_series(1, 2) AS n'));
    query.on('row', () => seen.push(activeSpanId()));
    query.on('end', () => seen.push(activeSpanId()));
    await once(query, 'end');
    return activeSpanId();
  });
  expect(seen).toEqual([requestId, requestId, requestId]);
  expect(pgSpans(spans)).toMatchObject([
    { name: 'SELECT generate_series', status: { code: SpanStatusCode.UNSET } },
  ]);
});

test('new pg.Query that fails makes an error span and still emits its error', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const query = client.query(new pg.Query('SELECT * FROM nowhere'));
    const [error] = (await once(query, 'error')) as [Error];
    expect(error).toMatchObject({ code: '42P01' });
  });
  expect(pgSpans(spans)).toMatchObject([
    { attributes: { 'error.type': '42P01' }, events: [{ name: 'exception' }] },
  ]);
});

test('new pg.Query with a callback ends its span before it calls back, in the context of the caller', async () => {
  const spans = tracing();
  const client = await withSpan('other request', () => server.client());
  await withSpan('request', async () => {
    const requestId = activeSpanId();
    const result = await new Promise<pg.QueryResult>((resolve) => {
      const query = new pg.Query('SELECT 1 AS one');
      // The types of pg know no callback here.
      Reflect.apply(client.query, client, [
        query,
        (_error: unknown, given: pg.QueryResult) => {
          expect(pgSpans(spans)).toHaveLength(1);
          expect(activeSpanId()).toBe(requestId);
          resolve(given);
        },
      ]);
    });
    expect(result.rows).toEqual([{ one: 1 }]);
  });
});

test('a row that a type parser refuses makes an error span', async () => {
  const spans = tracing();
  const client = await server.client();
  const types = {
    getTypeParser: () => () => {
      throw new RangeError('refused');
    },
  };
  await withSpan('request', async () => {
    const query = client.query(new pg.Query({ text: 'SELECT 1', types }));
    const [error] = (await once(query, 'error')) as [Error];
    expect(error).toBeInstanceOf(RangeError);
  });
  expect(pgSpans(spans)).toMatchObject([
    { attributes: { 'error.type': 'RangeError' }, events: [{ name: 'exception' }] },
  ]);
});

test('a query object that waits for a connection that is lost ends its span', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    void client.query('SELECT pg_sleep(60)').catch(() => undefined);
    const query = client.query(new pg.Query('SELECT 1'));
    const failed = once(query, 'error');
    client.connection.stream.destroy();
    await failed;
  });
  await spans.settled();
  expect(pgSpans(spans)).toHaveLength(2);
});

test('a finished query object has its own methods back', async () => {
  tracing();
  const client = await server.client();
  const query = new pg.Query('SELECT 1');
  const stream = new QueryStream('SELECT 1');
  const { handleError } = stream;
  await withSpan('request', async () => {
    const ended = once(client.query(query), 'end');
    expect(Object.hasOwn(query, 'handleError')).toBe(true);
    await ended;
    await client.query(stream).toArray();
  });
  expect(Object.keys(query).filter((name) => name.startsWith('handle'))).toEqual([]);
  expect(stream.handleError).toBe(handleError);
});
