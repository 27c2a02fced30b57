import { once } from 'node:events';
import { text as textOf } from 'node:stream/consumers';

import {
  context,
  createTraceState,
  propagation,
  ROOT_CONTEXT,
  SamplingDecision,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import type { SpanRecord } from '@org/tracing-core';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { expect, test } from 'vitest';

import { database, pgSpans, saying, tracing } from './traced-database.ts';

const server = database();

/** The text of this very query, as it reached the server. */
const SENT = 'SELECT current_query() AS sent';

function comment(span: SpanRecord | undefined): string {
  return `/*traceparent='00-${span?.traceId}-${span?.spanId}-01'*/`;
}

async function sentBy(client: pg.Client, query: unknown, values?: unknown[]): Promise<string | undefined> {
  const { rows } = (await Reflect.apply(client.query, client, [query, values])) as pg.QueryResult<{
    sent: string;
  }>;
  return rows[0]?.sent;
}

test('no comment is sent unless asked for (P15)', async () => {
  tracing();
  const client = await server.client();
  expect(await withSpan('request', () => sentBy(client, SENT))).toBe(SENT);
});

test('with sqlComments, a query is sent with the ids of its own span, and recorded without (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const sent = await withSpan('request', () => sentBy(client, SENT));
  const [query, request] = spans.spans;
  expect(sent).toBe(`${SENT} ${comment(query)}`);
  expect(query?.parentSpanId).toBe(request?.spanId);
  expect(query?.attributes).toEqual({
    ...server.connection,
    'db.query.summary': 'SELECT',
    'db.query.text': SENT,
  });
});

test('every call shape has its comment, callbacks and objects too, and a query of no span has none (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const sent: unknown[] = [];
  const shapes: unknown[][] = [
    [SENT],
    [`${SENT}, $1::int`, [1]],
    [{ text: SENT }],
    [{ text: `${SENT}, $1::int`, values: [1] }],
    [{ text: `${SENT}, $1::int` }, [1]],
    [{ text: SENT, rowMode: 'array' }],
    [{ text: SENT, queryMode: 'extended' }],
  ];
  await withSpan('request', async () => {
    for (const args of shapes) {
      const { rows } = (await Reflect.apply(client.query, client, args)) as pg.QueryResult;
      sent.push(Object.values(rows[0] as object)[0]);
    }
    for (const args of [[SENT], [{ text: SENT }], [`${SENT}, $1::int`, [1]]]) {
      const { rows } = await new Promise<pg.QueryResult>((resolve) => {
        Reflect.apply(client.query, client, [
          ...args,
          (_: unknown, result: pg.QueryResult) => resolve(result),
        ]);
      });
      sent.push(Object.values(rows[0] as object)[0]);
    }
  });
  expect(sent).toEqual(pgSpans(spans).map((query) => expect.stringMatching(endOf(comment(query)))));
  expect(sent).toHaveLength(10);
  expect(await sentBy(client, SENT)).toBe(SENT);
});

function endOf(text: string): RegExp {
  return new RegExp(`${text.replaceAll(/[*/]/g, String.raw`\$&`)}$`);
}

test('a prepared statement is sent as it is; a name that is undefined or empty makes none (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  await withSpan('request', async () => {
    // The same statement twice: with comments pg would refuse the second, whose text had changed.
    for (let round = 0; round < 2; round++) {
      expect(await sentBy(client, { name: 'sent', text: SENT })).toBe(SENT);
    }
    expect(await sentBy(client, { name: undefined, text: SENT })).toMatch(/traceparent/);
    expect(await sentBy(client, { name: '', text: SENT })).toMatch(/traceparent/);
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['sent', 'sent', 'SELECT', 'SELECT']);
});

test.each([
  [`/* of the application */ ${SENT}`],
  [`${SENT} /* of the application */`],
  [`${SENT} -- of the application`],
  [`${SENT} -- of the application\n`],
  [`${SENT} /* nested /* twice */ */`],
  [`SELECT ${"'x', ".repeat(1000)} current_query() AS sent -- behind what is read`],
])('a text with a comment is sent as it is: %s (P15)', async (text) => {
  tracing({ sqlComments: true });
  const client = await server.client();
  const sent = await withSpan('request', () => sentBy(client, text));
  // The server gives the text of a simple query whole.
  expect(sent).toBe(text);
});

test.each([
  [`${SENT};`, `${SENT} {};`],
  [`${SENT} ; \n;\t`, `${SENT} {} ; \n;\t`],
  [`SELECT 1; ${SENT};`, `SELECT 1; ${SENT} {};`],
  [`${SENT}, '-- no comment', '/* nor this */'`, `${SENT}, '-- no comment', '/* nor this */' {}`],
  [`${SENT}, $$ -- no; comment; $$`, `${SENT}, $$ -- no; comment; $$ {}`],
  [`${SENT} AS "--;"`.replace(' AS sent', ''), `${SENT} AS "--;" {}`.replace(' AS sent', '')],
])(
  'the comment stands behind the last statement, before its semicolon: %s (P15, P17)',
  async (text, sent) => {
    const spans = tracing({ sqlComments: true });
    const client = await server.client();
    const result = await withSpan('request', () => client.query(text));
    const last = [result].flat().at(-1) as pg.QueryResult;
    const [query] = pgSpans(spans);
    expect(Object.values(last.rows[0] as object)[0]).toBe(sent.replace('{}', comment(query)));
  },
);

test('texts without a statement are sent as they are (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  await withSpan('request', async () => {
    for (const text of ['', ' ', ';', ' ;\n']) await client.query(text);
    await expect(Reflect.apply(client.query, client, [{ foo: 'bar' }])).rejects.toThrow('text or a name');
  });
  expect(pgSpans(spans)).toHaveLength(5);
});

test('tracestate is sent too, keys sorted, values percent-encoded so that nothing ends the comment (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const caller = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    traceFlags: 1,
    isRemote: true,
    traceState: createTraceState("vendor=it's */ (100%)!"),
  };
  const sent = await context.with(trace.setSpanContext(ROOT_CONTEXT, caller), () => sentBy(client, SENT));
  const [query] = pgSpans(spans);
  expect(query?.parentSpanId).toBe(caller.spanId);
  const state = 'vendor%3Dit%27s%20%2A%2F%20%28100%25%29%21';
  expect(sent).toBe(
    `${SENT} /*traceparent='00-${caller.traceId}-${query?.spanId}-01',tracestate='${state}'*/`,
  );
});

test('baggage of the caller is not sent to the database (P15)', async () => {
  tracing({ sqlComments: true });
  const client = await server.client();
  const baggage = propagation.createBaggage({ user: { value: 'somebody' } });
  const sent = await context.with(propagation.setBaggage(context.active(), baggage), () =>
    withSpan('request', () => sentBy(client, SENT)),
  );
  expect(sent).toMatch(/traceparent/);
  expect(sent).not.toMatch(/baggage|somebody/);
});

test('a propagator that is given writes the comment in place of the global one (P15)', async () => {
  const propagator: TextMapPropagator = {
    inject(active, carrier, setter) {
      setter.set(carrier, 'route', '/stock/:sku');
      setter.set(carrier, 'b3', trace.getSpanContext(active)?.spanId ?? '');
    },
    extract: (active) => active,
    fields: () => [],
  };
  const spans = tracing({ sqlComments: { propagator } });
  const client = await server.client();
  const sent = await withSpan('request', () => sentBy(client, SENT));
  expect(sent).toBe(`${SENT} /*b3='${pgSpans(spans)[0]?.spanId}',route='%2Fstock%2F%3Asku'*/`);
});

test('a propagator that throws changes nothing (P15)', async () => {
  const propagator: TextMapPropagator = {
    inject() {
      throw new Error('of the propagator');
    },
    extract: (active) => active,
    fields: () => [],
  };
  const spans = tracing({ sqlComments: { propagator } });
  const client = await server.client();
  expect(await withSpan('request', () => sentBy(client, SENT))).toBe(SENT);
  expect(pgSpans(spans)).toHaveLength(1);
});

test('an unsampled query is sent as it is (P15)', async () => {
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) };
  tracing({ sqlComments: true }, { sampler });
  const client = await server.client();
  expect(await withSpan('request', () => sentBy(client, SENT))).toBe(SENT);
});

test('the application’s configuration object stays as it is, frozen or made by a class (P15, P17)', async () => {
  class Sql {
    readonly #words: string[];
    readonly #values: unknown[];
    constructor(words: string[], values: unknown[]) {
      this.#words = words;
      this.#values = values;
    }
    get text(): string {
      return this.#words.reduce((text, word, index) => `${text}$${index}${word}`);
    }
    get values(): unknown[] {
      return this.#values;
    }
  }
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const plain = { text: SENT };
  const frozen = Object.freeze({ text: `${SENT}, $1::int`, values: Object.freeze([1]) });
  const sent = await withSpan('request', async () => [
    await sentBy(client, plain),
    await sentBy(client, plain),
    await sentBy(client, frozen),
    await sentBy(client, Object.freeze({ text: `${SENT}, $1::int` }), [1]),
    await sentBy(client, new Sql([`${SENT}, `, '::int'], [1])).catch(String),
  ]);
  const comments = pgSpans(spans).map(comment);
  expect(plain).toEqual({ text: SENT });
  expect(Object.keys(plain)).toEqual(['text']);
  const withValue = `${SENT}, $1::int`;
  expect(sent).toEqual([
    `${SENT} ${comments[0]}`,
    `${SENT} ${comments[1]}`,
    `${withValue} ${comments[2]}`,
    `${withValue} ${comments[3]}`,
    `${withValue} ${comments[4]}`,
  ]);
});

test('a cursor, a stream, new pg.Query and COPY are sent with the comment and keep their own text (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const cursor = new Cursor<{ sent: string }>(SENT);
  const stream = new QueryStream(SENT);
  const query = new pg.Query({ text: SENT });
  const copy = copyTo('COPY (SELECT current_query()) TO STDOUT');
  const sent: unknown[] = [];
  await withSpan('request', async () => {
    sent.push((await client.query(cursor).read(2))[0]?.sent);
    await cursor.close();
    sent.push((await client.query(stream).toArray()).at(0));
    query.on('row', (row: { sent: string }) => sent.push(row.sent));
    await once(client.query(query), 'end');
    sent.push((await textOf(client.query(copy))).trim());
  });
  await spans.settled();
  const comments = pgSpans(spans).map(comment);
  expect(sent).toEqual([
    `${SENT} ${comments[0]}`,
    { sent: `${SENT} ${comments[1]}` },
    `${SENT} ${comments[2]}`,
    `COPY (SELECT current_query()) TO STDOUT ${comments[3]}`,
  ]);
  expect((cursor as unknown as { text: string }).text).toBe(SENT);
  expect((stream as unknown as { cursor: { text: string } }).cursor.text).toBe(SENT);
  expect((query as unknown as { text: string }).text).toBe(SENT);
  for (const each of [cursor, stream, query, copy]) expect(Object.hasOwn(each, 'submit')).toBe(false);
});

test('a query object that never reaches the server, and one that was given a name, are left alone (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  await withSpan('request', async () => {
    const prepared = new pg.Query({ name: 'prepared', text: SENT });
    const [result] = (await once(client.query(prepared), 'end')) as [pg.QueryResult<{ sent: string }>];
    expect(result.rows).toEqual([{ sent: SENT }]);
    await client.end();
    await expect(client.query(new QueryStream(SENT)).toArray()).rejects.toThrow('not queryable');
  });
  await spans.settled();
  expect(pgSpans(spans).map(saying)).toMatchObject([{ events: [] }, { events: ['exception'] }]);
});

test('a syntax error is told as without the comment, at the same place (P11, P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const client = await server.client();
  const failed = await withSpan('request', () =>
    client.query('SELECT * FORM stock;').catch((e: unknown) => e),
  );
  expect(failed).toMatchObject({ code: '42601', position: '10' });
  expect(pgSpans(spans)[0]?.status.message).toBe('syntax error at or near "?"');
});

test('200 interleaved queries on a pool have the comments of their own spans (P15)', async () => {
  const spans = tracing({ sqlComments: true });
  const pool = server.pool({ max: 5 });
  const sent = await Promise.all(
    [...Array(200).keys()].map((id) =>
      withSpan(`request ${id}`, async (span) => {
        const { rows } = await pool.query<{ sent: string }>(`${SENT}, ${id}`);
        return [span.spanContext().spanId, rows[0]?.sent];
      }),
    ),
  );
  const expected = pgSpans(spans).map((query) => [query.parentSpanId, comment(query)] as const);
  const byRequest = new Map(expected);
  expect(byRequest.size).toBe(200);
  expect(sent.filter(([request, text]) => !text?.endsWith(byRequest.get(request ?? '') ?? '?'))).toEqual([]);
});
