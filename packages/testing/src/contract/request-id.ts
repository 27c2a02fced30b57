import { once } from 'node:events';
import {
  createServer,
  get,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

import { propagation } from '@opentelemetry/api';
import { activeRequestId, withSpan } from '@org/tracing-core';
import { describe, expect, onTestFinished } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import { listen, type Reply, type Route, type RunningServer, type ServerSetup } from './harness.ts';
import type { Check, Trial } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const MADE = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;
/** In place of an id that was made, which differs each time. */
const A_NEW_ONE = 'a new one';

const named = (id: unknown): unknown => (MADE.test(String(id)) ? A_NEW_ONE : id);

const TAKEN: readonly string[] = [
  'a',
  '7B0C8F1E-33A5-4F0E-9D57-0A1C9D1F2B3C',
  '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'Root=1-67891233-abcdef012345678912345678',
  'xyI2tLl/+w==',
  '|7dd1.2~3:4@5_6-',
  '__proto__',
  'constructor',
  'x'.repeat(128),
];

/** As they come over a connection. */
const REFUSED: readonly (string | readonly string[])[] = [
  '',
  ' ',
  'two words',
  'tab\tbed',
  'a,b',
  'a;b',
  '"quoted"',
  String.raw`back\slash`,
  'percent%20',
  '${jndi:ldap://x}',
  '<script>',
  "it's",
  'über',
  ['one', 'two'],
  'x'.repeat(129),
  'x'.repeat(10_000),
];

/** As only an adapter can hand them over. */
const IMPOSSIBLE: readonly unknown[] = [['one'], 'line\nbreak', 'nul\0', 'red\u001B[31m', 7, {}, null];

/** What came of one request. */
interface Seen {
  /** In the header of the answer. */
  readonly answered: unknown;
  /** In the handler, by `activeRequestId()`. */
  readonly active: unknown;
  /** On the spans, each once. */
  readonly onSpans: readonly unknown[];
  /** To the next service: by `fetch` and by `node:http`. */
  readonly sent: readonly (string | undefined)[];
}

/** Everywhere the same id. */
const everywhere = (id: string): Seen => ({
  answered: id,
  active: id,
  onSpans: [id],
  sent: [`request_id=${id}`, `request_id=${id}`],
});

interface Hop {
  readonly server: RunningServer;
  /** Sends a request and looks where its id is; those that were made are `a new one`. */
  see(headers?: Parameters<typeof send>[1]): Promise<Seen>;
}

/** Starts a server that makes a span and two calls for each request. */
async function startHop(trial: Trial, options: Options = { requestId: true }): Promise<Hop> {
  const next = await trial.startNextHop();
  let active: string | undefined;
  const handler = async (): Promise<Reply> => {
    active = activeRequestId();
    await withSpan('work', async () => {
      await (await fetch(next.url)).text();
      const [answer] = (await once(get(next.url), 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
    });
    return { body: 'done' };
  };
  const routes: Route[] = ['/', '/health'].map((path) => ({ method: 'GET', path, handler }));
  const server = await trial.start({ routes, options });
  let calls = 0;
  return {
    server,
    async see(request = {}) {
      trial.spans.reset();
      const { status, headers } = await send(server.url, request);
      expect(status).toBe(200);
      await trial.spans.settled();
      const ids = new Set(trial.spans.spans.map(({ attributes }) => attributes['request_id']));
      const received = next.headers.slice(calls);
      calls = next.headers.length;
      if (ids.size === 1 && MADE.test(String(active))) {
        expect([headers['x-request-id'], ...ids], 'the id that was made').toEqual([active, active]);
      }
      return {
        answered: named(headers['x-request-id']),
        active: named(active),
        onSpans: [...ids].map(named),
        sent: received.map(baggageOf),
      };
    },
  };
}

function baggageOf({ baggage }: IncomingHttpHeaders): string | undefined {
  const member = /(?<=^request_id=)[^,]+/;
  return baggage?.toString().replace(member, (id) => String(named(id)));
}

const withHeader = (value: string | readonly string[]): Parameters<typeof send>[1] => ({
  headers: { 'x-request-id': value },
});

/** The ids of requests: taken, made, answered, shown and carried. */
export function requestIdTests(check: Check): void {
  describe('request ids', () => {
    check('the caller’s is answered, on every span of the request, and goes on (R1, R3)', async (trial) => {
      const { see } = await startHop(trial);
      for (const id of TAKEN) expect(await see(withHeader(id))).toEqual(everywhere(id));
      expect(trial.spans.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'GET', 'GET /', 'work']);
    });

    check('without one of the caller’s, one is made, another for each request (R2)', async (trial) => {
      const { server, see } = await startHop(trial);
      expect(await see()).toEqual(everywhere(A_NEW_ONE));
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(server.url)));
      expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(5);
    });

    check('what may not be an id is as good as none, however it comes (R2)', async (trial) => {
      const { server, see } = await startHop(trial);
      for (const value of REFUSED) {
        expect([value, await see(withHeader(value))]).toEqual([value, everywhere(A_NEW_ONE)]);
      }
      for (const value of IMPOSSIBLE) {
        const outer = await before(server, (request) => {
          (request.headers as Record<string, unknown>)['x-request-id'] = value;
        });
        const { headers } = await send(outer.url);
        expect([value, named(headers['x-request-id'])]).toEqual([value, A_NEW_ONE]);
      }
    });

    check('that of the caller’s baggage comes before that of the header (R4)', async (trial) => {
      const { see } = await startHop(trial);
      const headers = { baggage: 'tenant=acme,request_id=carried', 'x-request-id': 'of-a-proxy' };
      expect(await see({ headers })).toEqual({
        ...everywhere('carried'),
        sent: ['tenant=acme,request_id=carried', 'tenant=acme,request_id=carried'],
      });
    });

    check('a wrong one in the baggage is replaced, first of all that is sent (R4)', async (trial) => {
      const { see } = await startHop(trial);
      const rest = Array.from({ length: 179 }, (_none, index) => `k${index}=${index}`).join(',');
      const headers = { baggage: `${rest},request_id=two%20words`, 'x-request-id': 'mine' };
      expect(await see({ headers })).toEqual({
        ...everywhere('mine'),
        sent: [`request_id=mine,${rest}`, `request_id=mine,${rest}`],
      });
    });

    check('a chain of services has one id (R3)', async (trial) => {
      const last = await startHop(trial);
      const seen: (string | undefined)[] = [];
      const passOn = (url: string): Route => ({
        method: 'GET',
        path: '/',
        async handler() {
          seen.push(activeRequestId());
          const answer = await fetch(url);
          await answer.text();
          seen.push(answer.headers.get('x-request-id') ?? undefined);
          return { body: 'done' };
        },
      });
      const options: Options = { requestId: true };
      const second = await trial.start({ options, routes: [passOn(last.server.url)] });
      const first = await trial.start({ options, routes: [passOn(second.url)] });
      expect((await send(first.url, withHeader('one'))).headers['x-request-id']).toBe('one');
      expect(seen).toEqual(['one', 'one', 'one', 'one']);
      await trial.spans.settled();
      const ids = trial.spans.spans.map(({ attributes }) => attributes['request_id']);
      expect(ids).toEqual(ids.map(() => 'one'));
      expect(ids).toHaveLength(8);
    });

    check('the header may have another name', async (trial) => {
      const { server } = await startHop(trial, { requestId: { header: 'X-Correlation-Id' } });
      const { headers } = await send(server.url, {
        headers: { 'x-correlation-ID': 'mine', 'x-request-id': 'not-asked-for' },
      });
      expect(headers).toMatchObject({ 'x-correlation-id': 'mine' });
      expect(headers).not.toHaveProperty('x-request-id');
    });

    check('a stranger’s id is not taken, from header or baggage (R5)', async (trial) => {
      const headers = { baggage: 'request_id=theirs', 'x-request-id': 'theirs' };
      const all = await startHop(trial, { requestId: true, publicEndpoint: true });
      expect(await all.see({ headers })).toEqual(everywhere(A_NEW_ONE));
      const some = await startHop(trial, {
        requestId: true,
        publicEndpoint: (request) => request.headers['x-internal'] === undefined,
      });
      expect(await some.see({ headers })).toEqual(everywhere(A_NEW_ONE));
      expect(await some.see({ headers: { ...headers, 'x-internal': '1' } })).toEqual(everywhere('theirs'));
    });

    check('a request that fails is answered with its id (R1)', async (trial) => {
      const broken: Route['handler'] = () => {
        throw new Error('no stock');
      };
      const { url } = await trial.start({
        options: { requestId: true },
        routes: [{ method: 'GET', path: '/', handler: broken }],
      });
      expect(await send(url, withHeader('mine'))).toMatchObject({
        status: 500,
        headers: { 'x-request-id': 'mine' },
      });
      expect(await send(`${url}/nowhere`, withHeader('mine'))).toMatchObject({
        status: 404,
        headers: { 'x-request-id': 'mine' },
      });
    });

    check('a header that the application sets itself stays as it is (R6)', async (trial) => {
      const handlers: Record<string, Route['handler']> = {
        '/set': ({ response }) => {
          response.setHeader('X-Request-Id', 'own');
          return { body: 'done' };
        },
        '/head': ({ response }) => {
          response.writeHead(200, { 'X-Request-Id': 'own' }).end('done');
          return undefined;
        },
        '/early': () => ({ body: 'done' }),
      };
      const server = await trial.start({
        options: { requestId: true },
        routes: Object.entries(handlers).map(([path, handler]) => ({ method: 'GET', path, handler })),
      });
      const outer = await before(server, (request, response) => {
        if (request.url === '/early') response.setHeader('x-request-id', 'own');
      });
      for (const path of Object.keys(handlers)) {
        const { headers } = await send(`${outer.url}${path}`, withHeader('callers'));
        expect([path, headers['x-request-id']]).toEqual([path, 'own']);
      }
    });

    check('an excluded request has none, nor what it calls (R7)', async (trial) => {
      const next = await trial.startNextHop();
      const active: unknown[] = [];
      const handler = async (): Promise<Reply> => {
        active.push(activeRequestId());
        await (await fetch(next.url)).text();
        return { body: 'done' };
      };
      const options: Options = { requestId: true };
      const { url } = await trial.start({ options, routes: [{ method: 'GET', path: '/health', handler }] });
      const { headers } = await send(`${url}/health`, withHeader('mine'));
      expect(headers).not.toHaveProperty('x-request-id');
      expect([active, next.headers[0]?.baggage]).toEqual([[undefined], undefined]);
    });

    check('without the option nothing is read, answered or sent (R7)', async (trial) => {
      const { see } = await startHop(trial, {});
      expect(await see(withHeader('mine'))).toEqual({
        answered: undefined,
        active: undefined,
        onSpans: [undefined],
        sent: [undefined, undefined],
      });
    });

    check('a request that is not sampled has one all the same (R8)', async (trial) => {
      const { see } = await startHop(trial);
      const headers = {
        ...traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00'),
        'x-request-id': 'mine',
      };
      expect(await see({ headers })).toEqual({ ...everywhere('mine'), onSpans: [] });
    });

    check(
      'so has one where the SDK is disabled (R8)',
      async (trial) => {
        trial.initTracing({ disabled: true });
        const carried: Record<string, string> = {};
        const handler = (): Reply => {
          carried['active'] = String(activeRequestId());
          return { body: 'done' };
        };
        const { url } = await trial.start({
          options: { requestId: true },
          routes: [{ method: 'GET', path: '/', handler }],
        });
        expect((await send(url, withHeader('mine'))).headers).toMatchObject({ 'x-request-id': 'mine' });
        expect(carried).toEqual({ active: 'mine' });
      },
      { tracing: false },
    );

    check(
      'under a provider of the application’s own the SERVER span has it, and the context too (R8)',
      async (trial) => {
        trial.useOwnProvider();
        const entries: unknown[] = [];
        const handler = (): Reply => {
          entries.push(propagation.getActiveBaggage()?.getAllEntries());
          return { body: 'done' };
        };
        const { url } = await trial.start({
          options: { requestId: true },
          routes: [{ method: 'GET', path: '/', handler }],
        });
        await send(url, withHeader('mine'));
        const [span] = await trial.spans.waitForTrace({ spanCount: 1 });
        expect(span?.attributes).toMatchObject({ request_id: 'mine' });
        expect(entries).toEqual([[['request_id', { value: 'mine' }]]]);
      },
      { tracing: false },
    );

    check('a wrong option is a TypeError that says so (F3)', async ({ start }) => {
      const wrong: readonly (readonly [value: unknown, message: string])[] = [
        ['x-request-id', "requestId: expected true, false or an object; got 'x-request-id' (string)"],
        [null, 'requestId: expected true, false or an object; got null (object)'],
        [
          { header: 'two words' },
          "requestId.header: expected the name of a header; got 'two words' (string)",
        ],
        [{ header: '' }, "requestId.header: expected the name of a header; got '' (string)"],
        [{ header: 7 }, 'requestId.header: expected the name of a header; got 7 (number)'],
      ];
      for (const [value, message] of wrong) {
        await expect(start({ options: { requestId: value } as Options })).rejects.toThrow(
          new TypeError(message),
        );
      }
    });
  });
}

/** A server in front, which may change what it hands on. */
async function before(
  server: RunningServer,
  change: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RunningServer> {
  const outer = await listen(
    createServer((request, response) => {
      change(request, response);
      server.handle(request, response);
    }),
  );
  onTestFinished(() => outer.close());
  return outer;
}
