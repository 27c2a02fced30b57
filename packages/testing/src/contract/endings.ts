import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect } from 'vitest';

import { send } from './client.ts';
import type { Exchange, Reply, Route } from './harness.ts';
import type { Check } from './trial.ts';

const route = (handler: Route['handler'], method: Route['method'] = 'GET'): Route => ({
  method,
  path: '/things/:id',
  handler,
});

/** A request whose client goes away; what it then sees of its own doing is no error of the test's. */
function leaving(url: string, method = 'GET', headers: Record<string, string> = {}): ClientRequest {
  return request(url, { method, headers, agent: false }).on('error', () => undefined);
}

/** When and with what the span of a request ends. */
export function endingTests(check: Check): void {
  describe('the span ends once', () => {
    check("with a streamed reply's body, not with its head (X2)", async ({ start, spans }) => {
      const body = new PassThrough();
      const { url } = await start({ routes: [route(() => ({ body }))] });
      const sent = request(`${url}/things/1`, { agent: false }).end();
      body.write('first');
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response, 'data');
      expect(spans.ended).toBe(0);
      body.end('last');
      expect(await text(response)).toBe('last');
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({
        name: 'GET /things/:id',
        attributes: { 'http.response.status_code': 200 },
      });
    });

    check(
      'when the client leaves before any answer, with an error.type and no status code',
      async (trial) => {
        const { start, spans } = trial;
        let arrived: () => void;
        const here = new Promise<void>((resolve) => (arrived = resolve));
        const late = async ({ response }: Exchange): Promise<Reply> => {
          arrived();
          await once(response, 'close');
          return { body: 'too late' };
        };
        const { url } = await start({ routes: [route(late)] });
        const sent = leaving(`${url}/things/1`).end();
        await here;
        sent.destroy();
        const [span] = await spans.waitForTrace({ spanCount: 1 });
        expect(span).toMatchObject({ name: 'GET /things/:id', status: { code: SpanStatusCode.ERROR } });
        expect(span?.attributes['error.type']).toEqual(expect.any(String));
        expect(span?.attributes).not.toHaveProperty('http.response.status_code');
      },
    );

    check('when the client leaves in the middle of its own body', async ({ start, spans }) => {
      const read = async ({ request: body }: Exchange): Promise<Reply> => {
        body.once('data', () => sent.destroy());
        return { body: await text(body) };
      };
      const { url } = await start({ routes: [route(read, 'POST')] });
      const headers = { 'content-type': 'application/octet-stream', 'content-length': '1000' };
      const sent = leaving(`${url}/things/1`, 'POST', headers);
      sent.write('part');
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({ name: 'POST /things/:id', status: { code: SpanStatusCode.ERROR } });
      expect(span?.attributes['error.type']).toEqual(expect.any(String));
      expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    });

    check(
      'when the client leaves in the middle of a streamed reply, with the status that was sent (X2)',
      async (trial) => {
        const { start, spans } = trial;
        const body = new PassThrough();
        const { url } = await start({ routes: [route(() => ({ status: 201, body }))] });
        const sent = leaving(`${url}/things/1`).end();
        body.write('first');
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        await once(
          response.on('error', () => undefined),
          'data',
        );
        sent.destroy();
        const [span] = await spans.waitForTrace({ spanCount: 1 });
        expect(span).toMatchObject({
          name: 'GET /things/:id',
          status: { code: SpanStatusCode.ERROR },
          attributes: { 'http.response.status_code': 201, 'error.type': expect.any(String) },
        });
      },
    );

    check('when a handler has answered on the raw response', async ({ start, spans }) => {
      const raw = ({ response }: Exchange): undefined => {
        response.writeHead(202).end('raw');
      };
      const { url } = await start({ routes: [route(raw)] });
      expect(await send(`${url}/things/1`)).toMatchObject({ status: 202, body: 'raw' });
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({
        name: 'GET /things/:id',
        attributes: { 'http.response.status_code': 202 },
      });
    });

    check(
      'when the socket of a raw response closes, whose client has left (X2)',
      async ({ start, spans }) => {
        const hijack = ({ response }: Exchange): undefined => {
          response.writeHead(200).write('and so on');
        };
        const { url } = await start({ routes: [route(hijack)] });
        const sent = leaving(`${url}/things/1`).end();
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        await once(
          response.on('error', () => undefined),
          'data',
        );
        expect(spans.ended).toBe(0);
        sent.destroy();
        const [span] = await spans.waitForTrace({ spanCount: 1 });
        expect(span?.attributes['error.type']).toEqual(expect.any(String));
      },
    );

    check('for each request of a keep-alive connection', async ({ start, spans }) => {
      const { url } = await start({ routes: [route(() => ({ body: 'ok' }))] });
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const id of [1, 2, 3]) await send(`${url}/things/${id}`, { agent });
      agent.destroy();
      const all = await spans.waitForSpans(3);
      expect(new Set(all.map((span) => span.attributes['network.peer.port'])).size).toBe(1);
      expect(new Set(all.map((span) => span.traceId)).size).toBe(3);
      expect(all.every((span) => span.parentSpanId === undefined)).toBe(true);
    });

    check('for each of two requests that arrive in one packet', async ({ start, spans }) => {
      const { url } = await start({ routes: [route(({ params }) => ({ body: `thing ${params['id']}` }))] });
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const get = (id: number, connection: string): string =>
        `GET /things/${id} HTTP/1.1\r\nHost: test\r\nConnection: ${connection}\r\n\r\n`;
      socket.write(get(1, 'keep-alive') + get(2, 'close'));
      expect(await text(socket)).toMatch(/thing 1[^]*thing 2/);
      const all = await spans.waitForSpans(2);
      expect(new Set(all.map((span) => span.attributes['url.path']))).toEqual(
        new Set(['/things/1', '/things/2']),
      );
      expect(spans.traces()).toHaveLength(2);
    });

    for (const layers of [false, true]) {
      check(
        `for requests that are pipelined, when their connection closes before their turn${layers ? ', with layers' : ''}`,
        async ({ start, spans }) => {
          let arrived: () => void;
          const here = new Promise<void>((resolve) => (arrived = resolve));
          const { url } = await start({
            options: { layers },
            routes: [
              route(() => new Promise<never>(() => undefined)),
              route(async ({ request: body }) => {
                // Its own end, of which it tells, is long past when the connection closes.
                await text(body);
                if (!body.headers['x-last']) return { body: 'never sent' };
                arrived();
                return new Promise<never>(() => undefined);
              }, 'POST'),
            ],
          });
          const socket = connect(Number(new URL(url).port), '127.0.0.1');
          const post = (id: number, header = ''): string =>
            `POST /things/${id} HTTP/1.1\r\nHost: test\r\nContent-Type: application/octet-stream\r\n` +
            `Content-Length: 2\r\n${header}\r\nab`;
          socket.write(`GET /things/1 HTTP/1.1\r\nHost: test\r\n\r\n${post(2)}${post(3, 'X-Last: yes\r\n')}`);
          await here;
          socket.destroy();
          await spans.waitForSpans(3);
          await spans.settled();
          const servers = spans.spans.filter(({ kind }) => kind === SpanKind.SERVER);
          expect(servers).toHaveLength(3);
          for (const span of servers) {
            expect(span).toMatchObject({
              status: { code: SpanStatusCode.ERROR },
              attributes: { 'error.type': 'aborted' },
            });
            expect(span.attributes).not.toHaveProperty('http.response.status_code');
          }
        },
      );
    }
  });
}
