import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { SpanStatusCode, trace } from '@opentelemetry/api';
import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import fastify, { type FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { fastifyTracing } from '../src/index.ts';

/** An application over HTTP/2, and a session of a client with it; `prepare` adds its routes. */
async function http2Session(
  prepare: (app: FastifyInstance) => void,
): Promise<{ session: ClientHttp2Session; spans: SpanCollecting }> {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const app = fastify({ http2: true }) as unknown as FastifyInstance;
  onTestFinished(() => app.close());
  await app.register(fastifyTracing, {
    captureHeaders: { request: ['user-agent', /^:/], response: ['content-type'] },
  });
  prepare(app);
  const session = connect(await app.listen({ port: 0, host: '127.0.0.1' }));
  onTestFinished(() => session.destroy());
  return { session, spans };
}

test('a request over HTTP/2 has one SERVER span, active in its handler', async () => {
  let active: string | undefined;
  const { session, spans } = await http2Session((app) => {
    app.get('/things/:id', async () => {
      active = trace.getActiveSpan()?.spanContext().spanId;
      return { ok: true };
    });
  });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const stream = session.request({ ':path': '/things/1?sig=secret', traceparent, 'user-agent': 'test' });
  expect(await text(stream)).toBe('{"ok":true}');
  const [span] = await spans.waitForTrace({ remoteParents: ['b7ad6b7169203331'] });
  expect(span?.spanId).toBe(active);
  expect(span).toMatchObject({
    name: 'GET /things/:id',
    parentSpanId: 'b7ad6b7169203331',
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/things/:id',
      'http.request.header.user-agent': ['test'],
      'http.response.header.content-type': ['application/json; charset=utf-8'],
      'network.protocol.version': '2.0',
      'server.address': '127.0.0.1',
      'url.path': '/things/1',
      'url.query': 'sig=REDACTED',
      'user_agent.original': 'test',
    },
  });
});

test('requests of one connection at the same time have spans of their own; a stream is covered to its end', async () => {
  const body = new PassThrough();
  const { session, spans } = await http2Session((app) => {
    app.get('/streams', (_request, reply) => reply.send(body));
    app.get('/things/:id', async () => 'ok');
  });
  const streamed = session.request({ ':path': '/streams' });
  body.write('first');
  await once(streamed, 'data');
  await text(session.request({ ':path': '/things/1' }));
  expect((await spans.waitForSpans(1)).map(({ name }) => name)).toEqual(['GET /things/:id']);
  body.end('last');
  expect(await text(streamed)).toBe('last');
  const [, stream] = await spans.waitForSpans(2);
  expect(stream).toMatchObject({ name: 'GET /streams', status: { code: SpanStatusCode.UNSET } });
});

test('a stream that its client cancels is aborted, with the status that was sent', async () => {
  const body = new PassThrough();
  const { session, spans } = await http2Session((app) => {
    app.get('/streams', (_request, reply) => reply.send(body));
  });
  const stream = session.request({ ':path': '/streams' });
  body.write('first');
  await once(stream, 'data');
  stream.close(constants.NGHTTP2_CANCEL);
  const [span] = await spans.waitForTrace({ spanCount: 1 });
  expect(span).toMatchObject({
    name: 'GET /streams',
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'http.response.status_code': 200, 'error.type': 'aborted' },
  });
});

test('an error of a handler over HTTP/2 is recorded once', async () => {
  const { session, spans } = await http2Session((app) => {
    app.get('/broken', async () => {
      throw new TypeError('no stock');
    });
  });
  await text(session.request({ ':path': '/broken' }));
  const [span] = await spans.waitForTrace({ spanCount: 1 });
  expect(span?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': '500' });
  expect(span?.events).toHaveLength(1);
});
