import { type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { connectionAttributes, poolTarget } from '../src/connection-attributes.ts';
import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

type Callback = (error: Error | null, result: pg.QueryResult) => void;

const TEXT = 'SELECT $1::text AS name';

/** Every way to call `client.query`; each gives the result, and what the call itself returned. */
const shapes: [shape: string, call: (client: pg.Client, done: Callback) => unknown][] = [
  ['(text, callback)', (client, done) => client.query("SELECT 'x' AS name", done)],
  ['(text, values, callback)', (client, done) => client.query(TEXT, ['x'], done)],
  [
    '({ text, callback })',
    (client, done) => callLoosely(client, { text: "SELECT 'x' AS name", callback: done }),
  ],
  [
    '({ text, values, callback })',
    (client, done) => callLoosely(client, { text: TEXT, values: ['x'], callback: done }),
  ],
  [
    '({ text, callback }, values)',
    (client, done) => callLoosely(client, { text: TEXT, callback: done }, ['x']),
  ],
  ['({ text }, callback)', (client, done) => client.query({ text: "SELECT 'x' AS name" }, done)],
  ['({ text }, values, callback)', (client, done) => callLoosely(client, { text: TEXT }, ['x'], done)],
];

const promiseShapes: [shape: string, call: (client: pg.Client) => Promise<pg.QueryResult>][] = [
  ['(text)', (client) => client.query("SELECT 'x' AS name")],
  ['(text, values)', (client) => client.query(TEXT, ['x'])],
  ['({ text })', (client) => client.query({ text: "SELECT 'x' AS name" })],
  ['({ text, values })', (client) => client.query({ text: TEXT, values: ['x'] })],
  ['({ text }, values)', (client) => client.query({ text: TEXT }, ['x'])],
];

/** For calls that the types of pg do not allow. */
function callLoosely(client: pg.Client, ...args: unknown[]): unknown {
  return Reflect.apply(client.query, client, args);
}

test.each(shapes)(
  'client.query%s makes one CLIENT span and returns nothing (P1, P2)',
  async (_shape, call) => {
    const spans = tracing();
    const client = await server.client();
    await withSpan('request', async () => {
      const result = await new Promise<pg.QueryResult>((resolve, reject) => {
        const returned = call(client, (error, given) => (error ? reject(error) : resolve(given)));
        expect(returned).toBeUndefined();
      });
      expect(result.rows).toEqual([{ name: 'x' }]);
    });
    const [query, request] = await spans.waitForSpans(2);
    expect(query).toMatchObject({
      name: 'SELECT',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      traceId: request?.traceId,
      parentSpanId: request?.spanId,
    });
    await spans.settled();
    expect(spans.spans).toHaveLength(2);
  },
);

test.each(promiseShapes)(
  'client.query%s makes one CLIENT span and returns a promise (P1, P2)',
  async (_shape, call) => {
    const spans = tracing();
    const client = await server.client();
    await withSpan('request', async () => {
      const returned = call(client);
      expect(returned).toBeInstanceOf(Promise);
      expect((await returned).rows).toEqual([{ name: 'x' }]);
    });
    const [query, request] = await spans.waitForSpans(2);
    expect(query).toMatchObject({
      name: 'SELECT',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      traceId: request?.traceId,
      parentSpanId: request?.spanId,
    });
    await spans.settled();
    expect(spans.spans).toHaveLength(2);
  },
);

test('a span says which server, which database and what was asked, and no more (P5)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT relname FROM pg_class WHERE relname = $1', ['stock']));
  const [query] = pgSpans(spans);
  expect(query?.name).toBe('SELECT pg_class');
  expect(query?.attributes).toEqual({
    ...server.connection,
    'db.query.summary': 'SELECT pg_class',
    'db.query.text': 'SELECT relname FROM pg_class WHERE relname = $1',
  });
  expect(query?.scope).toEqual({ name: '@org/tracing-pg', version: expect.any(String) });
});

test('host, port and database of a configuration object are told as those of a URL (P5)', async () => {
  const spans = tracing();
  const { hostname, port, username, password, pathname } = new URL(server.url);
  const client = new pg.Client({
    host: hostname,
    port: Number(port || 5432),
    user: username,
    password,
    database: pathname.slice(1),
  });
  await client.connect();
  onTestFinished(() => client.end());
  await withSpan('request', () => client.query('SELECT 1'));
  expect(pgSpans(spans)[0]?.attributes).toMatchObject(server.connection);
  expect(JSON.stringify(spans.spans.map(({ attributes }) => attributes))).not.toContain(password);
});

test('the port is left out where it is the default, no number, or that of a Unix socket (P5)', () => {
  const known = { 'db.system.name': 'postgresql', 'db.namespace': 'stock', 'server.address': '127.0.0.1' };
  const at = (host: string, port: number): unknown => connectionAttributes({ host, port, database: 'stock' });
  expect(at('127.0.0.1', 5432)).toEqual(known);
  expect(at('127.0.0.1', Number.NaN)).toEqual(known);
  expect(at('127.0.0.1', 5433)).toEqual({ ...known, 'server.port': 5433 });
  expect(at('/run/postgresql', 5433)).toEqual({ ...known, 'server.address': '/run/postgresql' });
});

test('a pool’s target is that of its URL, its options, or pg’s environment variables, in this order (P5)', () => {
  const names = { PGHOST: 'env-host', PGPORT: '5435', PGDATABASE: 'env-db' };
  const before = Object.keys(names).map((name) => [name, process.env[name]] as const);
  onTestFinished(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  for (const name of Object.keys(names)) delete process.env[name];
  const options = { host: 'option-host', port: 5434, database: 'option-db' };
  const connectionString = 'postgres://me:secret@url-host:5433/url-db';
  expect(poolTarget({ ...options, connectionString })).toEqual({
    host: 'url-host',
    port: 5433,
    database: 'url-db',
  });
  expect(poolTarget({ ...options, connectionString: 'postgres://me:secret@[broken/url-db' })).toEqual({});
  expect(poolTarget({ user: 'me' })).toEqual({ host: 'localhost', port: 5432, database: 'me' });
  Object.assign(process.env, names);
  expect(poolTarget(options)).toEqual(options);
  expect(poolTarget({})).toEqual({ host: 'env-host', port: 5435, database: 'env-db' });
});

test('literals of a query without parameters are left out of db.query.text', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => client.query("SELECT 'secret', 42 -- hidden"));
  expect(pgSpans(spans)[0]?.attributes['db.query.text']).toBe('SELECT ?, ?');
});

test('queryText: false records no text', async () => {
  const spans = tracing({ queryText: false });
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT $1::int', [1]));
  expect(pgSpans(spans)[0]?.attributes).toEqual({ ...server.connection, 'db.query.summary': 'SELECT' });
});

test('no parameter values are recorded unless asked for (P6)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => client.query('SELECT $1::text', ['secret']));
  expect(JSON.stringify(pgSpans(spans)[0]?.attributes)).not.toContain('secret');
});

test('parameterValues records strings, numbers, buffers, JSON, toPostgres() and null by index (P6)', async () => {
  const spans = tracing({ parameterValues: true });
  const client = await server.client();
  const point = { toPostgres: () => '(1,2)' };
  const values = ['text', 7, Buffer.from('bytes'), { a: [1] }, point, null, new Date(0), true];
  const text =
    'SELECT $1::text, $2::int, $3::bytea, $4::json, $5::point, $6::text, $7::timestamptz, $8::bool';
  await withSpan('request', () => client.query(text, values));
  const [query] = pgSpans(spans);
  const recorded = Object.entries(query?.attributes ?? {}).filter(([key]) =>
    key.startsWith('db.query.parameter'),
  );
  expect(Object.fromEntries(recorded)).toEqual({
    'db.query.parameter.0': 'text',
    'db.query.parameter.1': '7',
    'db.query.parameter.2': 'bytes',
    'db.query.parameter.3': '{"a":[1]}',
    'db.query.parameter.4': '(1,2)',
    'db.query.parameter.5': 'null',
    'db.query.parameter.6': '1970-01-01T00:00:00.000Z',
    'db.query.parameter.7': 'true',
  });
  expect(query?.attributes['db.query.text']).toBe(text);
});

test('parameter values are limited in number and length, and one that has no text is left out (P6)', async () => {
  const spans = tracing({ parameterValues: { maxCount: 2, maxLength: 3 } });
  const client = await server.client();
  const unreadable = { toPostgres: () => '1', toJSON: () => 1 };
  await withSpan('request', () =>
    client.query('SELECT $1::text, $2::text, $3::text', ['abcdef', unreadable, 'c']),
  );
  await withSpan('request', () =>
    client.query('SELECT $1::text', [{ toPostgres: throwOnce(), toJSON: () => 'x' }]),
  );
  const [first, second] = pgSpans(spans);
  expect(first?.attributes).toMatchObject({ 'db.query.parameter.0': 'abc', 'db.query.parameter.1': '1' });
  expect(first?.attributes).not.toHaveProperty('db.query.parameter.2');
  expect(second?.attributes).not.toHaveProperty('db.query.parameter.0');
});

function throwOnce(): () => string {
  let called = false;
  return () => {
    if (called) return 'fine';
    called = true;
    throw new Error('not yet');
  };
}

test('the name of a prepared statement is recorded and names the span (P7)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => client.query({ name: 'stock by sku', text: TEXT, values: ['x'] }));
  const [query] = pgSpans(spans);
  expect(query?.name).toBe('stock by sku');
  expect(query?.attributes).toMatchObject({
    'db.query.summary': 'stock by sku',
    'db.postgresql.plan': 'stock by sku',
    'db.query.text': TEXT,
  });
});

test('requestHook and responseHook add to the span, with a promise and with a callback (P10)', async () => {
  const spans = tracing({
    requestHook: (span, { query, connection }) => {
      span.setAttributes({
        asked: query.text ?? '',
        values: String(query.values),
        in: connection.database ?? '',
      });
    },
    responseHook: (span, { data }) => void span.setAttribute('rows', (data as pg.QueryResult).rowCount ?? -1),
  });
  const client = await server.client();
  await withSpan('request', () => client.query(TEXT, ['x']));
  await withSpan('request', () => new Promise((resolve) => client.query(TEXT, ['x'], resolve)));
  const added = { asked: TEXT, values: 'x', in: server.connection['db.namespace'], rows: 1 };
  expect(pgSpans(spans).map(({ attributes }) => attributes)).toEqual([
    expect.objectContaining(added),
    expect.objectContaining(added),
  ]);
});

test('hooks that throw harm neither the query nor its span (P10)', async () => {
  const fail = (span: Span): never => {
    span.setAttribute('hooked', true);
    throw new Error('hook');
  };
  const spans = tracing({ requestHook: fail, responseHook: fail });
  const client = await server.client();
  const { rows } = await withSpan('request', () => client.query(TEXT, ['x']));
  expect(rows).toEqual([{ name: 'x' }]);
  expect(pgSpans(spans)).toMatchObject([
    { status: { code: SpanStatusCode.UNSET }, attributes: { hooked: true } },
  ]);
});

test('hooks whose promises reject end neither the query nor the process (P10)', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const reject = (): unknown => Promise.reject(new Error('hook'));
  tracing({ requestHook: reject, responseHook: reject });
  const client = await server.client();
  const { rows } = await withSpan('request', () => client.query(TEXT, ['x']));
  expect(rows).toEqual([{ name: 'x' }]);
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});

test('a template object whose text is a getter of its class is traced (P17)', async () => {
  class Sql {
    get text(): string {
      return 'SELECT count(*) FROM pg_class';
    }
  }
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', () => callLoosely(client, new Sql()));
  expect(pgSpans(spans)).toMatchObject([{ name: 'SELECT pg_class' }]);
});

test('white space and semicolons around a statement are no part of the span’s name (P17)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    await client.query(' BEGIN; ');
    await client.query('ROLLBACK;');
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['BEGIN', 'ROLLBACK']);
});

test('operations and tables are told as they were written, upper or lower case, by the convention (P17)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    await client.query('select count(*) from Pg_Class;');
    await client.query('SELECT count(*) FROM pg_class');
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['select Pg_Class', 'SELECT pg_class']);
});
