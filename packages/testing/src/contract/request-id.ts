import { activeRequestId } from '@org/tracing-core';
import { describe, expect } from 'vitest';

import { send } from './client.ts';
import type { Route, ServerSetup } from './harness.ts';
import { A_NEW_ONE, before, everywhere, named, startHop, withHeader } from './request-id-hop.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

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
  });
}
