import { type EventEmitter, once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect } from 'vitest';

import { send } from './client.ts';
import type { Exchange, Reply, Route } from './harness.ts';
import type { Check } from './trial.ts';

const thing = (handler: Route['handler'], method: Route['method'] = 'GET'): Route => ({
  method,
  path: '/things/:id',
  handler,
});

/** Waits for the end, whatever comes before it. */
function closed(emitter: EventEmitter): Promise<void> {
  return new Promise((resolve) => emitter.once('close', () => resolve()));
}

/** Sends a request whose answer is cut off, and waits for the end of the connection. */
async function sendInVain(url: string): Promise<void> {
  const sent = request(url, { agent: false });
  sent.on('response', (response) => response.resume().on('error', () => undefined));
  sent.on('error', () => undefined).end();
  await closed(sent);
}

/** The kinds of responses that there are, each with one span of its own. */
export function responseTests(check: Check): void {
  describe('a response', () => {
    check('of server-sent events has a span until the stream ends (X2)', async ({ start, spans }) => {
      const events = new PassThrough();
      const handler = ({ response }: Exchange): Reply => {
        response.setHeader('content-type', 'text/event-stream');
        return { body: events };
      };
      const { url } = await start({ routes: [thing(handler)] });
      const sent = request(`${url}/things/1`, { agent: false }).end();
      events.write('data: 1\n\n');
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
      events.write('data: 2\n\n');
      expect(String((await once(response, 'data'))[0])).toBe('data: 2\n\n');
      expect(spans.ended).toBe(0);
      events.end();
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.attributes['http.response.status_code']).toBe(200);
      expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
    });

    check('without a body, moved or not modified, is no error', async ({ start, spans }) => {
      const handler = ({ params, response }: Exchange): Reply => {
        response.setHeader('location', '/elsewhere');
        return { status: Number(params['id']), body: '' };
      };
      const { url } = await start({ routes: [thing(handler)] });
      for (const status of [204, 302, 304]) {
        expect(await send(`${url}/things/${status}`)).toMatchObject({ status, body: '' });
      }
      const all = await spans.waitForSpans(3);
      expect(all.map((span) => span.attributes['http.response.status_code'])).toEqual([204, 302, 304]);
      expect(all.every(({ status }) => status.code === SpanStatusCode.UNSET)).toBe(true);
    });

    check('to HEAD ends its span though nothing of the body is sent', async ({ start, spans }) => {
      const handler = (): Reply => ({ body: 'a body that stays at home' });
      const { url } = await start({ routes: [thing(handler)] });
      expect(await send(`${url}/things/1`, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({
        name: 'HEAD /things/:id',
        attributes: { 'http.response.status_code': 200 },
        status: { code: SpanStatusCode.UNSET },
      });
    });

    check('after 100-continue has one span, with the status that came last', async ({ start, spans }) => {
      const handler = async ({ request: body }: Exchange): Promise<Reply> => ({
        status: 201,
        body: await text(body),
      });
      const { url } = await start({ routes: [thing(handler, 'POST')] });
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': '5',
        expect: '100-continue',
      };
      const sent = request(`${url}/things/1`, { method: 'POST', headers, agent: false });
      sent.flushHeaders();
      await once(sent, 'continue');
      sent.end('bytes');
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      expect(await text(response)).toBe('bytes');
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.attributes['http.response.status_code']).toBe(201);
    });

    check(
      'whose stream fails in the middle has the error, the status that was sent, and ends (X2)',
      async ({ start, spans }) => {
        const broken = (): Reply => {
          const body = new Readable({ read: () => undefined });
          body.push('first');
          failing = body;
          return { body };
        };
        let failing: Readable | undefined;
        const { url } = await start({ routes: [thing(broken)] });
        const sent = request(`${url}/things/1`, { agent: false }).end();
        sent.on('error', () => undefined);
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        response.on('error', () => undefined);
        await once(response, 'data');
        // What nobody else listens to would end the process.
        failing?.on('error', () => undefined).destroy(new RangeError('disk gone'));
        await closed(failing as Readable);
        // Express leaves the response open: its client gives up.
        sent.destroy();
        const [span] = await spans.waitForTrace({ spanCount: 1 });
        expect(span).toMatchObject({
          name: 'GET /things/:id',
          status: { code: SpanStatusCode.ERROR, message: 'disk gone' },
          attributes: { 'http.response.status_code': 200, 'error.type': 'RangeError' },
        });
        expect(span?.events.map((event) => event.attributes['exception.message'])).toEqual(['disk gone']);
      },
    );

    check('that the application destroys has the error, and no status', async ({ start, spans }) => {
      const destroys = ({ response }: Exchange): undefined => {
        response.on('error', () => undefined).destroy(new RangeError('too much'));
      };
      const { url } = await start({ routes: [thing(destroys)] });
      await sendInVain(`${url}/things/1`);
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({
        name: 'GET /things/:id',
        status: { code: SpanStatusCode.ERROR, message: 'too much' },
        attributes: { 'error.type': 'RangeError' },
      });
      expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    });

    check('that is destroyed without an error is aborted', async ({ start, spans }) => {
      const destroys = ({ response }: Exchange): undefined => void response.destroy();
      const { url } = await start({ routes: [thing(destroys)] });
      await sendInVain(`${url}/things/1`);
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.attributes['error.type']).toBe('aborted');
      expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    });

    check("that never comes ends its span at the server's timeout, as one", async ({ start, spans }) => {
      const silent = ({ request: message }: Exchange): undefined => {
        message.socket.setTimeout(20);
      };
      const { url } = await start({ routes: [thing(silent)] });
      await sendInVain(`${url}/things/1`);
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span).toMatchObject({ name: 'GET /things/:id', status: { code: SpanStatusCode.ERROR } });
      expect(span?.attributes).toMatchObject({ 'error.type': 'timeout' });
      expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    });

    check('that never comes ends its span when the server stops', async ({ start, spans }) => {
      let arrived: () => void;
      const here = new Promise<void>((resolve) => (arrived = resolve));
      const silent = (): undefined => {
        arrived();
      };
      const { url, close } = await start({ routes: [thing(silent)] });
      const over = sendInVain(`${url}/things/1`);
      await here;
      expect(spans.ended).toBe(0);
      await close();
      await over;
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.attributes['error.type']).toBe('aborted');
    });

    check('that is written after its client has left changes nothing any more', async ({ start, spans }) => {
      let arrived: () => void;
      const here = new Promise<void>((resolve) => (arrived = resolve));
      const late = async ({ response }: Exchange): Promise<undefined> => {
        arrived();
        await once(response, 'close');
        response.writeHead(200).end('too late');
      };
      const { url } = await start({ routes: [thing(late)] });
      const sent = request(`${url}/things/1`, { agent: false }).on('error', () => undefined);
      sent.end();
      await here;
      sent.destroy();
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.attributes['error.type']).toBe('aborted');
      expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    });

    check('in ten pipelined requests of one socket has a span each, in order', async ({ start, spans }) => {
      const handler = ({ params }: Exchange): Reply => ({ body: `thing ${params['id']};` });
      const { url } = await start({ routes: [thing(handler)] });
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const ids = Array.from({ length: 10 }, (_, index) => index);
      const last = ids.length - 1;
      socket.write(
        ids
          .map((id) => {
            const connection = id === last ? 'close' : 'keep-alive';
            return `GET /things/${id} HTTP/1.1\r\nHost: test\r\nConnection: ${connection}\r\n\r\n`;
          })
          .join(''),
      );
      const answers = await text(socket);
      expect(answers.match(/thing \d;/g)).toEqual(ids.map((id) => `thing ${id};`));
      const all = await spans.waitForSpans(ids.length);
      expect(
        all.map((span) => String(span.attributes['url.path'])).toSorted((a, b) => a.localeCompare(b)),
      ).toEqual(ids.map((id) => `/things/${id}`));
      expect(spans.traces()).toHaveLength(ids.length);
    });

    check('on a connection that was kept has a span without the one before', async ({ start, spans }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const handler = ({ params }: Exchange): Reply => {
        if (params['id'] === '1') throw new Error('no stock');
        return { body: 'ok' };
      };
      const { url } = await start({ routes: [thing(handler)] });
      for (const id of [1, 2]) await send(`${url}/things/${id}`, { agent });
      agent.destroy();
      const [first, second] = await spans.waitForSpans(2);
      expect(first?.events).toHaveLength(1);
      expect(second?.events).toEqual([]);
      expect(second?.traceId).not.toBe(first?.traceId);
    });
  });
}
