import { errorMonitor, EventEmitter, once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';

import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import type { HttpServerOptions } from '../src/http-server-options.ts';
import { activeRequestId } from '../src/request-id.ts';
import { type ServerSpan, serverSpanOf, traceHttpServer } from '../src/server-span.ts';
import { sharedState } from '../src/shared-state.ts';
import { listen } from './support/listen.ts';
import { recordSpans } from './support/recorded-spans.ts';

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  open: () => ServerSpan<IncomingMessage>,
) => void;

/** A plain server under the life cycle, as a plugin would use it. */
function serve(
  handler: Handler,
  options?: HttpServerOptions<IncomingMessage>,
  route = '/route',
): Promise<string> {
  const tracing = traceHttpServer<IncomingMessage>(
    { scope: { name: 'test', version: '1' }, route: () => route },
    options,
  );
  return listen((request, response) => handler(request, response, () => tracing.open(request)));
}

test('a request whose response was never attached ends its span when the request has closed', async () => {
  const spans = recordSpans();
  const url = await serve((request, response, open) => {
    open();
    request.resume();
    response.end('ok');
  });
  await (await fetch(url)).text();
  const [span] = spans();
  expect(span?.attributes['http.response.status_code']).toBeUndefined();
  expect(span?.ended).toBe(true);
});

test('a response of an adapter that only tells its finish is whole', async () => {
  const spans = recordSpans();
  const url = await serve((request, response, open) => {
    const ofAdapter = Object.assign(new EventEmitter(), { statusCode: 200, headersSent: true, socket: {} });
    open().attach(ofAdapter as never, request);
    ofAdapter.emit('finish');
    response.end('ok');
  });
  await (await fetch(url)).text();
  const [span] = spans();
  expect(span?.attributes).toMatchObject({ 'http.response.status_code': 200 });
  expect(span?.attributes['error.type']).toBeUndefined();
  expect(span?.status.code).toBe(SpanStatusCode.UNSET);
});

test('a request that is met when its client has left already ends its span at once', async () => {
  const spans = recordSpans();
  let attached: () => void;
  const done = new Promise<void>((resolve) => (attached = resolve));
  const url = await serve((request, response, open) => {
    // What runs before a plugin may take its time.
    response.once('close', () => {
      // After all that Node has to say of it.
      setImmediate(() => {
        open().attach(response, request);
        attached();
      });
    });
    client.destroy();
  });
  const client = connect(Number(new URL(url).port), '127.0.0.1', () => {
    client.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  });
  await done;
  expect(spans()).toHaveLength(1);
  expect(spans()[0]).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'aborted' },
  });
});

test('a request whose response is sent before it is met ends its span with its status', async () => {
  const spans = recordSpans();
  let attached: () => void;
  const done = new Promise<void>((resolve) => (attached = resolve));
  const url = await serve((request, response, open) => {
    response.once('close', () => {
      setImmediate(() => {
        open().attach(response, request);
        attached();
      });
    });
    response.end('ok');
  });
  await (await fetch(url)).text();
  await done;
  expect(spans()[0]).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'http.response.status_code': 200 },
  });
});

test('opened again, a request has the span that it has', async () => {
  recordSpans();
  const same: boolean[] = [];
  const url = await serve((_request, response, open) => {
    same.push(open() === open());
    response.end();
  });
  await fetch(url);
  expect(same).toEqual([true]);
});

test('a plugin whose answers throw does not keep the span from ending', async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => {
      throw new Error('no route for you');
    },
  });
  const url = await listen((request, response) => {
    tracing.open(request).attach(response, request);
    response.end('ok');
  });
  expect(await (await fetch(url)).text()).toBe('ok');
  expect(spans()).toHaveLength(1);
});

test('a request without a socket, as adapters make them, is traced with what it tells', () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
  });
  const request = new IncomingMessage(undefined as unknown as Socket);
  Object.assign(request, { method: 'GET', url: '/r?a=1', headers: { host: 'shop' } });
  const response = new ServerResponse(request);
  tracing.open(request).attach(response, request);
  response.emit('close');
  expect(spans()[0]?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'server.address': 'shop',
    'url.path': '/r',
    'url.scheme': 'http',
  });
});

test("what throws while a request is described stays out of the application's way", async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
    clientAddress() {
      throw new Error("the application's trust proxy");
    },
  });
  const url = await listen((request, response) => {
    Object.defineProperty(request, 'httpVersion', {
      get: () => {
        throw new Error('no version');
      },
    });
    tracing.open(request).attach(response, request);
    response.end('ok');
  });
  expect(await (await fetch(url)).text()).toBe('ok');
  expect(spans()[0]).toMatchObject({ name: 'GET /r', attributes: { 'http.response.status_code': 200 } });
});

test('a span that another instrumentation has opened for the request is enriched and not ended (X7)', async () => {
  const spans = recordSpans();
  let foreign: Span | undefined;
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/route',
  });
  const url = await listen((request, response) => {
    foreign = trace.getTracer('other').startSpan('GET', { kind: SpanKind.SERVER });
    context.with(trace.setSpan(context.active(), foreign), () => {
      const span = tracing.open(request);
      span.attach(response, request);
      span.recordError(new Error('broken'));
      response.statusCode = 500;
      response.end();
    });
  });
  await fetch(url);
  expect(spans()).toEqual([]);
  expect(foreign?.isRecording()).toBe(true);
  foreign?.end();
  expect(spans()[0]).toMatchObject({
    name: 'GET /route',
    attributes: { 'http.route': '/route', 'error.type': '500' },
    status: { code: SpanStatusCode.ERROR, message: 'broken' },
  });
});

test('one that its owner ends when the connection closes knows by then that the client has left (X2, X7)', async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/route',
  });
  let over: Promise<unknown> = Promise.resolve();
  const url = await listen((request, response) => {
    const foreign = trace.getTracer('other').startSpan('GET', { kind: SpanKind.SERVER });
    response.on('close', () => foreign.end());
    over = once(response, 'close');
    context.with(trace.setSpan(context.active(), foreign), () => {
      tracing.open(request).attach(response, request);
      response.write('part');
    });
  });
  const answer = await fetch(url);
  await answer.body?.cancel();
  await over;
  expect(spans()[0]).toMatchObject({
    name: 'GET /route',
    attributes: { 'http.response.status_code': 200, 'error.type': 'aborted' },
  });
});

test('a request without a socket is a child of the SERVER span that it is made in, somebody else’s too', () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/inner',
  });
  const foreign = trace.getTracer('other').startSpan('GET /outer', { kind: SpanKind.SERVER });
  context.with(trace.setSpan(context.active(), foreign), () => {
    // As `inject` and the adapters of functions make them.
    const request = {
      method: 'GET',
      url: '/inner',
      headers: {},
      emit: () => true,
    } as never as IncomingMessage;
    const response = new ServerResponse(request);
    tracing.open(request).attach(response, request);
    response.emit('close');
  });
  foreign.end();
  const [inner, outer] = spans();
  expect(inner?.name).toBe('GET /inner');
  expect(outer?.name).toBe('GET /outer');
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
});

test('what throws while the failure of an excluded request is told stays out of the application’s way', async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>(
    {
      scope: { name: 'test', version: '1' },
      route: () => {
        throw new Error('no route for you');
      },
    },
    { keepExcludedFailures: true },
  );
  const url = await listen((request, response) => {
    tracing.open(request).attach(response, request);
    response.writeHead(500).end('sorry');
  });
  expect(await (await fetch(`${url}/health`)).text()).toBe('sorry');
  expect(spans()).toMatchObject([{ name: 'GET', ended: true }]);
});

test('a body that feeds many responses keeps no listener of those that are over', async () => {
  recordSpans();
  const body = new PassThrough();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
  });
  const url = await listen((request, response) => {
    tracing.open(request).attach(response, request);
    body.pipe(response, { end: false });
    expect(body.listenerCount(errorMonitor)).toBe(1);
    body.unpipe(response);
    expect(body.listenerCount(errorMonitor)).toBe(0);
    body.pipe(response, { end: false });
    response.end();
  });
  for (let request = 0; request < 3; request++) await (await fetch(url)).text();
  expect(body.listenerCount(errorMonitor)).toBe(0);
});

test('beside a SERVER span of somebody else’s too, a stranger’s id is not taken', async () => {
  recordSpans();
  const tracing = traceHttpServer<IncomingMessage>(
    { scope: { name: 'test', version: '1' }, route: () => '/r' },
    { requestId: true, publicEndpoint: true },
  );
  const seen: unknown[] = [];
  const url = await listen((request, response) => {
    const carried = propagation.extract(context.active(), request.headers);
    const foreign = trace.getTracer('other').startSpan('GET', { kind: SpanKind.SERVER }, carried);
    context.with(trace.setSpan(carried, foreign), () => {
      const span = tracing.open(request);
      span.attach(response, request);
      seen.push(span.run(() => activeRequestId()));
      response.end();
    });
  });
  const headers = { baggage: 'request_id=STRANGER', 'x-request-id': 'STRANGER' };
  seen.push((await fetch(url, { headers })).headers.get('x-request-id'));
  expect(seen).toEqual([expect.stringMatching(/^[\da-f-]{36}$/), seen[0]]);
});

test('a server that began to listen inside a span does not hand it to requests', async () => {
  const spans = recordSpans();
  const startup = trace.getTracer('test').startSpan('start-up');
  const url = await context.with(trace.setSpan(context.active(), startup), () =>
    serve((request, response, open) => {
      open().attach(response, request);
      response.end();
    }),
  );
  await fetch(url);
  expect(spans()[0]?.parentSpanContext).toBeUndefined();
});

test('without any provider, a request is asked for nothing', async () => {
  const asked: string[] = [];
  const url = await serve((request, response, open) => {
    const { headers } = request;
    Object.defineProperty(request, 'headers', {
      value: new Proxy(headers, {
        get(target, key) {
          asked.push(String(key));
          return Reflect.get(target, key) as unknown;
        },
      }),
    });
    open().attach(response, request);
    response.end();
  });
  await fetch(url);
  expect(asked).toEqual([]);
});

test('without attributes at the start, an unsampled request asks its message for nothing', async () => {
  const spans = recordSpans(new AlwaysOffSampler());
  const state = sharedState();
  state.attributesAtStart = false;
  onTestFinished(() => {
    delete state.attributesAtStart;
  });
  const asked: string[] = [];
  const url = await serve((request, response, open) => {
    const { headers } = request;
    Object.defineProperty(request, 'headers', {
      value: new Proxy(headers, {
        get(target, name) {
          asked.push(String(name));
          return Reflect.get(target, name) as unknown;
        },
      }),
    });
    open().attach(response, request);
    response.end();
  });
  await fetch(url);
  expect(asked.toSorted()).toEqual(['baggage', 'traceparent']);
  expect(spans()).toEqual([]);
});

test.each(['unsampled', 'excluded'])(
  'the listeners of an %s request run in its context (X3)',
  async (kind) => {
    recordSpans(new AlwaysOffSampler());
    const seen: Record<string, boolean> = {};
    let closed: Promise<unknown> = Promise.resolve();
    const options = kind === 'excluded' ? { excludedUrls: '/' } : { requestId: true };
    const url = await serve((request, response, open) => {
      const span = open();
      const note = (event: string) => () => (seen[event] = context.active() === span.context);
      request.on('end', note('end'));
      response.on('finish', note('finish')).on('close', note('close'));
      span.attach(response, request);
      span.attach(response, request);
      closed = once(response, 'close');
      request.resume();
      response.end('ok');
    }, options);
    const { headers } = await fetch(url);
    await closed;
    expect(seen).toEqual({ end: true, finish: true, close: true });
    expect(headers.has('x-request-id')).toBe(kind === 'unsampled');
  },
);

test('a client that leaves before an answer: error.type, and no status that was never sent (X2)', async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
  });
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /r HTTP/1.1\r\nHost: test\r\n\r\n');
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  tracing.open(request).attach(response, request);
  const closed = once(response, 'close');
  socket.destroy();
  await closed;
  expect(spans()[0]).toMatchObject({ name: 'GET /r', status: { code: SpanStatusCode.ERROR } });
  expect(spans()[0]?.attributes).toMatchObject({ 'error.type': 'aborted' });
  expect(spans()[0]?.attributes).not.toHaveProperty('http.response.status_code');
});

/** One request over HTTP/2, traced, as the server and as the client see it. */
async function http2Exchange() {
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/r',
  });
  const server = createHttp2Server().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const stream = client.request({ ':path': '/r' });
  // Frameworks hand on Node's HTTP/2 objects as they do those of HTTP/1.
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  tracing.open(request).attach(response, request);
  return { stream, response, closed: once(response, 'close') };
}

const unanswered = (): undefined => undefined;
const answeredInPart = (response: ServerResponse): unknown => response.write('part');
// More than the client's window takes at once.
const answered = (response: ServerResponse): unknown => response.end(Buffer.alloc(10_000_000));

test.each([
  ['before an answer', unanswered],
  ['in the middle of one', answeredInPart],
  ['before the whole of one', answered],
])('a client that cancels its HTTP/2 stream %s: error.type (X2)', async (_when, answer) => {
  const spans = recordSpans();
  const { stream, response, closed } = await http2Exchange();
  answer(response);
  if (answer !== unanswered) await once(stream.pause(), 'response');
  stream.close(constants.NGHTTP2_CANCEL);
  await closed;
  expect(spans()[0]).toMatchObject({ name: 'GET /r', status: { code: SpanStatusCode.ERROR } });
  expect(spans()[0]?.attributes['error.type']).toBe('aborted');
  expect(spans()[0]?.attributes['http.response.status_code']).toBe(answer === unanswered ? undefined : 200);
});

test('a client that closes its HTTP/2 stream early, without an error code: error.type (X2)', async () => {
  const spans = recordSpans();
  const { stream, closed } = await http2Exchange();
  stream.close(constants.NGHTTP2_NO_ERROR);
  await closed;
  expect(spans()[0]).toMatchObject({ name: 'GET /r', status: { code: SpanStatusCode.ERROR } });
  expect(spans()[0]?.attributes).toMatchObject({ 'error.type': 'aborted' });
});

test('an HTTP/2 stream that is answered is no error', async () => {
  const spans = recordSpans();
  const { response, closed } = await http2Exchange();
  response.end('ok');
  await closed;
  expect(spans()[0]?.status.code).toBe(SpanStatusCode.UNSET);
  expect(spans()[0]?.attributes).toMatchObject({ 'http.response.status_code': 200 });
});

test('an upgraded connection that closes is no error', async () => {
  const spans = recordSpans();
  const tracing = traceHttpServer<IncomingMessage>({
    scope: { name: 'test', version: '1' },
    route: () => '/socket',
  });
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET /socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  const [request, socket] = (await once(server, 'upgrade')) as [IncomingMessage, Socket];
  // As the websocket plugins of frameworks do it, to have the request routed.
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  tracing.open(request).attach(response, request);
  const closed = once(response, 'close');
  client.end();
  socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  await closed;
  expect(spans()[0]).toMatchObject({ name: 'GET /socket', status: { code: SpanStatusCode.UNSET } });
  expect(spans()[0]?.attributes).not.toHaveProperty('error.type');
});

test('an error that ended well is not recorded, one that failed the request is recorded once', async () => {
  const spans = recordSpans();
  const url = await serve((request, response, open) => {
    const span = open();
    span.attach(response, request);
    span.recordError(new Error('first'));
    span.recordError(new Error('second'));
    response.statusCode = request.url === '/fails' ? 502 : 404;
    response.end();
  });
  await fetch(`${url}/fine`);
  await fetch(`${url}/fails`);
  const [fine, fails] = spans();
  expect([fine?.status.code, fine?.events.length]).toEqual([SpanStatusCode.UNSET, 0]);
  expect(fails?.events.map((event) => event.attributes?.['exception.message'])).toEqual(['first']);
});

test('serverSpanOf gives the span of a request, and nothing for a request without one', async () => {
  recordSpans();
  const found: unknown[] = [];
  const url = await serve((request, response, open) => {
    found.push(serverSpanOf(request));
    const span = open();
    found.push(serverSpanOf(request) === trace.getSpan(span.context));
    response.end();
  });
  await fetch(url);
  expect(found).toEqual([undefined, true]);
});

test('layers that says nothing is refused', () => {
  expect(() => serve(() => undefined, { layers: 1 as unknown as boolean })).toThrow(
    new TypeError('layers: expected true, false, or an object with ignore and hook; got 1 (number)'),
  );
});
