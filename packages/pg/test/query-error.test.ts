import { diag, DiagLogLevel, SpanStatusCode } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { withSpan } from '@org/tracing-core';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const STATE = Symbol.for('@org/tracing.state');

async function failureOf(attempt: () => unknown): Promise<unknown> {
  try {
    await attempt();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

test('a failed query is an error span with its SQLSTATE and one exception event (P11)', async () => {
  const spans = tracing();
  const client = await server.client();
  const error = await failureOf(() => withSpan('request', () => client.query('SELECT * FROM nowhere')));
  expect(error).toBeInstanceOf(pg.DatabaseError);
  const [query] = pgSpans(spans);
  const message = 'relation "nowhere" does not exist';
  expect(query?.status).toEqual({ code: SpanStatusCode.ERROR, message });
  expect(query?.attributes).toEqual({
    ...server.connection,
    'db.query.summary': 'SELECT nowhere',
    'db.query.text': 'SELECT * FROM nowhere',
    'db.response.status_code': '42P01',
    'error.type': '42P01',
  });
  expect(query?.events).toEqual([
    {
      name: 'exception',
      timeUnixNano: expect.any(BigInt),
      attributes: {
        'exception.type': '42P01',
        'exception.message': message,
        'exception.stacktrace': expect.stringContaining(`error: ${message}\n    at `),
      },
    },
  ]);
});

test('the callback form fails with the same span (P11)', async () => {
  const spans = tracing();
  const client = await server.client();
  await withSpan('request', async () => {
    const error = await new Promise((resolve) => client.query('SELECT * FROM nowhere', resolve));
    expect(error).toBeInstanceOf(pg.DatabaseError);
  });
  const [query] = pgSpans(spans);
  expect(query?.attributes).toMatchObject({ 'db.response.status_code': '42P01', 'error.type': '42P01' });
  expect(query?.events).toHaveLength(1);
});

const messages: [sql: string, values: unknown[], code: string, message: string][] = [
  ['SELECT $1::int', ['secret "x"'], '22P02', 'invalid input syntax for type integer: "?"'],
  ["SELECT * FORM 'secret'", [], '42601', 'syntax error at or near "?"'],
  ["SELECT 'sec\"ret'::date", [], '22007', 'invalid input syntax for type date: "?"'],
  ['SELECT 1/0', [], '22012', 'division by zero'],
  ['SELECT missing FROM pg_class', [], '42703', 'column "missing" does not exist'],
];

test.each(messages)(
  'no value is in what is recorded of the failure of %s (P11)',
  async (sql, values, code, message) => {
    const spans = tracing();
    const client = await server.client();
    const error = await failureOf(() => withSpan('request', () => client.query(sql, values)));
    const [query] = pgSpans(spans);
    expect(query?.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(query?.attributes['error.type']).toBe(code);
    expect(JSON.stringify(query?.events[0]?.attributes)).not.toMatch(/sec"?ret/);
    // The application's error stays what it was.
    expect(error).toMatchObject({ code, stack: expect.stringContaining((error as Error).message) });
  },
);

test('null and undefined fail with pg’s own error, thrown from pg, and a span with one exception event (P3)', async () => {
  const spans = tracing();
  const client = await server.client();
  for (const args of [[], [null], [undefined]]) {
    const error = await failureOf(() =>
      withSpan('request', () => void Reflect.apply(client.query, client, args)),
    );
    expect(error).toMatchObject({
      name: 'TypeError',
      message: 'Client was passed a null or undefined query',
    });
    expect((error as Error).stack?.split('\n')[1]).toMatch(/node_modules\/pg\/lib\/client\.js/);
  }
  expect(pgSpans(spans)).toHaveLength(3);
  for (const query of pgSpans(spans)) {
    expect(query).toMatchObject({
      name: server.connection['db.namespace'],
      status: { code: SpanStatusCode.ERROR },
    });
    expect(query.attributes).toEqual({ ...server.connection, 'error.type': 'TypeError' });
    expect(query.events).toHaveLength(1);
  }
});

test('an object without a text does not throw, its promise is rejected (P3)', async () => {
  const spans = tracing();
  const client = await server.client();
  const error = await failureOf(() =>
    withSpan('request', () => Reflect.apply(client.query, client, [{ foo: 'bar' }]) as Promise<unknown>),
  );
  expect(error).toMatchObject({
    message: expect.stringContaining('A query must have either text or a name'),
  });
  expect(pgSpans(spans)).toMatchObject([
    { status: { code: SpanStatusCode.ERROR }, events: [{ name: 'exception' }] },
  ]);
});

test('a lost connection ends the span of the query that ran, with the SQLSTATE of the end', async () => {
  const spans = tracing();
  const client = await server.client();
  const other = await server.client();
  const pid = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const running = failureOf(() => withSpan('request', () => client.query('SELECT pg_sleep(60)')));
  await other.query('SELECT pg_terminate_backend($1)', [pid.rows[0]?.pid]);
  expect(await running).toMatchObject({ code: '57P01' });
  expect(pgSpans(spans)).toMatchObject([
    {
      name: 'SELECT',
      status: { code: SpanStatusCode.ERROR, message: 'terminating connection due to administrator command' },
      attributes: { 'db.response.status_code': '57P01', 'error.type': '57P01' },
    },
  ]);
});

test('queries that waited for a connection that was lost end too', async () => {
  const spans = tracing();
  const client = await server.client();
  const failures = await withSpan('request', async () => {
    const running = [1, 2, 3].map((n) => failureOf(() => client.query('SELECT pg_sleep(60), $1::int', [n])));
    client.connection.stream.destroy();
    return Promise.all(running);
  });
  expect(failures).toHaveLength(3);
  await spans.settled();
  expect(pgSpans(spans).map(({ attributes }) => attributes['error.type'])).toEqual([
    'Error',
    'Error',
    'Error',
  ]);
  expect(pgSpans(spans)[0]?.status.message).toBe('Connection terminated unexpectedly');
});

test('a query that runs into query_timeout ends once', async () => {
  const spans = tracing();
  const client = await server.client({ query_timeout: 20 });
  const error = await failureOf(() => withSpan('request', () => client.query('SELECT pg_sleep(0.2)')));
  expect(error).toMatchObject({ message: 'Query read timeout' });
  await spans.settled();
  expect(pgSpans(spans)).toMatchObject([
    { status: { message: 'Query read timeout' }, events: [{ name: 'exception' }] },
  ]);
});

test('a callback that throws at once reaches the caller, and the span keeps its own error and ends once', async () => {
  const said: string[] = [];
  const note = (message: string): number => said.push(message);
  diag.setLogger({ error: note, warn: note, info: note, debug: note, verbose: note }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  const spans = tracing();
  const client = await server.client();
  const unsendable = {
    toPostgres: () => {
      throw new RangeError('unsendable');
    },
  };
  const ofApplication = new Error('of the application');
  let calls = 0;
  const error = await failureOf(() =>
    withSpan('request', () =>
      client.query('SELECT $1::int', [unsendable], () => {
        calls += 1;
        // pg calls it again when the server is ready.
        if (calls === 1) throw ofApplication;
      }),
    ),
  );
  expect(error).toBe(ofApplication);
  expect(pgSpans(spans)).toMatchObject([{ attributes: { 'error.type': 'RangeError' } }]);
  expect(said).toEqual([]);
});

test('a statement that the server cancels has the SQLSTATE of that', async () => {
  const spans = tracing();
  const client = await server.client({ statement_timeout: 20 });
  await failureOf(() => withSpan('request', () => client.query('SELECT pg_sleep(60)')));
  expect(pgSpans(spans)[0]?.attributes).toMatchObject({
    'error.type': '57014',
    'db.response.status_code': '57014',
  });
});

test('the stack of a rejection leads back to the function that asked, as without tracing', async () => {
  tracing();
  const client = await server.client();
  async function asked(): Promise<void> {
    await client.query('SELECT * FROM nowhere');
  }
  const untraced = await failureOf(asked);
  const traced = await failureOf(() => withSpan('request', asked));
  const top = (error: unknown): string[] =>
    String((error as Error).stack)
      .split('\n')
      .slice(0, 4);
  expect(top(traced)).toEqual(top(untraced));
  expect(top(traced)[3]).toContain('asked');
});

test('OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN=logs makes the exception a log record with the ids of the query’s span', async () => {
  const exporter = new InMemoryLogRecordExporter();
  const processors = [new SimpleLogRecordProcessor({ exporter })];
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors }));
  // What copies of core share: the variable is read anew.
  const shared = globalThis as { [STATE]?: { exceptionSignal?: string } };
  delete shared[STATE]?.exceptionSignal;
  process.env['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN'] = 'logs';
  onTestFinished(() => {
    delete process.env['OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN'];
    delete shared[STATE]?.exceptionSignal;
    logs.disable();
  });
  const spans = tracing();
  const client = await server.client();
  await failureOf(() => withSpan('request', () => client.query("SELECT 'secret'::int")));
  const [query] = pgSpans(spans);
  expect(query).toMatchObject({ status: { code: SpanStatusCode.ERROR }, events: [] });
  const told = exporter
    .getFinishedLogRecords()
    .filter(({ spanContext }) => spanContext?.spanId === query?.spanId);
  expect(
    told.map(({ eventName, severityText, attributes }) => ({ eventName, severityText, attributes })),
  ).toEqual([
    {
      eventName: 'db.client.operation.exception',
      severityText: 'WARN',
      attributes: {
        'exception.type': '22P02',
        'exception.message': 'invalid input syntax for type integer: "?"',
        'exception.stacktrace': expect.not.stringContaining('secret'),
      },
    },
  ]);
});
