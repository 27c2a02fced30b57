import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { context, diag, DiagLogLevel, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { answerHeader } from '../src/answered-header.ts';
import type { HttpServerOptions } from '../src/http-server-options.ts';
import { activeRequestId, withRequestId } from '../src/request-id.ts';
import { baggageSpanProcessor } from '../src/sdk/baggage-span-processor.ts';
import { traceHttpServer } from '../src/server-span.ts';
import { withSpan } from '../src/with-span.ts';
import { listen } from './support/listen.ts';
import { logged } from './support/logged.ts';
import { spansOf, started } from './support/started.ts';

const MADE = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;

/** A plain server as a plugin would trace it. */
function serve(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  options: HttpServerOptions<IncomingMessage> = { requestId: true },
): Promise<string> {
  const tracing = traceHttpServer<IncomingMessage>(
    { scope: { name: 'test', version: '1' }, route: () => '/route' },
    options,
  );
  return listen((request, response) => {
    const span = tracing.open(request);
    span.attach(response, request);
    span.run(() => handler(request, response));
  });
}

// First of all: a plugin with the option would have asked for ids, too.
test('withRequestId is enough for the id to be on spans (R10)', async () => {
  const [span] = await spansOf(() => withRequestId('mine', () => withSpan('work', () => undefined)));
  expect(span?.attributes).toEqual({ request_id: 'mine' });
});

test('two traces are joined by the id alone, on spans and lines (R10)', async () => {
  const { log, lines } = logged();
  let payload = '';
  const url = await serve((_request, response) => {
    payload = JSON.stringify({ order: 'a-1', requestId: activeRequestId() });
    log.info('accepted');
    response.end();
  });
  const spans = await spansAfter(async () => {
    await fetch(url, { headers: { 'x-request-id': 'callers' } });
    // Elsewhere and later: the message is all that is known.
    const { requestId } = JSON.parse(payload) as { requestId: string };
    await context.with(ROOT_CONTEXT, () =>
      withRequestId(requestId, () => withSpan('pack order', async () => log.info('packed'))),
    );
  });
  expect(spans.map(({ name, attributes }) => [name, attributes['request_id']])).toEqual([
    ['GET /route', 'callers'],
    ['pack order', 'callers'],
  ]);
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(2);
  expect(lines().map(({ message, request_id: id }) => [message, id])).toEqual([
    ['accepted', 'callers'],
    ['packed', 'callers'],
  ]);
});

async function spansAfter(work: () => Promise<void>): Promise<readonly ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const handle = started({ exporter });
  await work();
  await handle.forceFlush();
  return exporter.getFinishedSpans();
}

test('withRequestId gives what fn returns, and the id only there (R10)', () => {
  started({ exporter: 'none' });
  expect(activeRequestId()).toBeUndefined();
  expect(withRequestId('mine', (id) => [id, activeRequestId()])).toEqual(['mine', 'mine']);
  expect(withRequestId('outer', () => withRequestId('inner', () => activeRequestId()))).toBe('inner');
  expect(activeRequestId()).toBeUndefined();
  expect(() =>
    withRequestId('mine', () => {
      throw new RangeError('of the application');
    }),
  ).toThrow(new RangeError('of the application'));
});

test.each([undefined, null, '', 'two words', 'x'.repeat(129), 7, {}])(
  'withRequestId makes an id in place of %j (R2, R10)',
  (value) => {
    started({ exporter: 'none' });
    const id = withRequestId(value as string, (given) => {
      expect(given).toBe(activeRequestId());
      return given;
    });
    expect(id).toMatch(MADE);
  },
);

test('withRequestId wants a function', () => {
  expect(() => withRequestId('mine', 'no function' as never)).toThrow(
    new TypeError('withRequestId: expected a function as the last argument; got string'),
  );
});

test('without a context manager fn runs all the same, and is given the id (R8)', () => {
  expect(withRequestId('mine', (id) => [id, activeRequestId()])).toEqual(['mine', undefined]);
});

test('other baggage stays beside the id, whatever its key', () => {
  started({ exporter: 'none' });
  const headers: Record<string, string> = {};
  const carried = propagation.extract(ROOT_CONTEXT, { baggage: 'a=1;p,__proto__=2,request_id=old' });
  context.with(carried, () => withRequestId('new', () => propagation.inject(context.active(), headers)));
  expect(headers).toEqual({ baggage: 'request_id=new,a=1;p,__proto__=2' });
});

test('what a caller’s baggage holds in place of an id is on no span or line, and is none (R2)', async () => {
  withRequestId('once', () => undefined);
  const { log, lines } = logged();
  const [span] = await spansOf(() => {
    const carried = propagation.extract(ROOT_CONTEXT, { baggage: `request_id=${'x'.repeat(5000)}` });
    context.with(carried, () => {
      log.info('a line');
      expect(activeRequestId()).toBeUndefined();
      withSpan('work', () => undefined);
    });
  });
  expect(span?.attributes).toEqual({});
  expect(lines()[0]).not.toHaveProperty('request_id');
});

test('the field of a line that the application sets itself wins', () => {
  started({ exporter: 'none' });
  const { log, lines } = logged({ fields: () => ({ job: 'nightly' }) });
  withRequestId('mine', () => {
    log.info('a line');
    log.info('another', { request_id: 'own' });
  });
  expect(lines()).toMatchObject([
    { message: 'a line', job: 'nightly', request_id: 'mine' },
    { message: 'another', job: 'nightly', request_id: 'own' },
  ]);
});

test('under a provider of the application’s own, its processor puts the id on every span (R8)', async () => {
  const exporter = new InMemorySpanExporter();
  const handle = useOwnProvider(exporter);
  const url = await serve((_request, response) => {
    withSpan('work', () => undefined);
    response.end();
  });
  await fetch(url, { headers: { 'x-request-id': 'callers' } });
  await handle.forceFlush();
  expect(exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes['request_id']])).toEqual(
    [
      ['work', 'callers'],
      ['GET /route', 'callers'],
    ],
  );
});

function useOwnProvider(exporter: InMemorySpanExporter): NodeTracerProvider {
  const provider = new NodeTracerProvider({
    spanProcessors: [baggageSpanProcessor(), new SimpleSpanProcessor(exporter)],
  });
  provider.register({ contextManager: new AsyncLocalStorageContextManager() });
  onTestFinished(async () => {
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return provider;
}

test('a SERVER span that another instrumentation has opened gets the id too', async () => {
  const spans = await spansAfter(async () => {
    const foreign = trace.getTracer('foreign');
    let closed: Promise<unknown> | undefined;
    const tracing = traceHttpServer<IncomingMessage>(
      { scope: { name: 'test', version: '1' }, route: () => '/route' },
      { requestId: true },
    );
    const url = await listen((request, response) => {
      const span = foreign.startSpan(
        'theirs',
        { kind: SpanKind.SERVER },
        propagation.extract(ROOT_CONTEXT, request.headers),
      );
      response.once('close', () => span.end());
      context.with(trace.setSpan(ROOT_CONTEXT, span), () => {
        const opened = tracing.open(request);
        opened.attach(response, request);
        opened.run(() => {
          withSpan('work', () => undefined);
          response.end();
        });
      });
      closed = once(response, 'close');
    });
    const response = await fetch(url, { headers: { 'x-request-id': 'callers' } });
    expect(response.headers.get('x-request-id')).toBe('callers');
    await closed;
  });
  expect(spans.map(({ attributes }) => attributes['request_id'])).toEqual(['callers', 'callers']);
});

test('an answer whose head is sent stays as it is, and nothing is thrown (R6)', async () => {
  const said: string[] = [];
  const say = (message: string): number => said.push(message);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.ALL);
  onTestFinished(() => diag.disable());
  const url = await listen((_request, response) => {
    response.writeHead(200);
    said.length = 0;
    response.write('first');
    answerHeader(response, 'x-request-id', 'mine');
    response.end(', last');
  });
  const response = await fetch(url);
  expect(await response.text()).toBe('first, last');
  expect(response.headers.has('x-request-id')).toBe(false);
  expect(said).toEqual([]);
});

test('an answer that takes no headers, as an adapter may make it, goes out without', () => {
  const response = Object.assign(new ServerResponse(new IncomingMessage(null as never)), {
    setHeader() {
      throw new Error('no headers here');
    },
  });
  answerHeader(response, 'x-request-id', 'mine');
  expect(response.getHeaders()).toEqual({});
});

test.each([
  ['an object', { 'X-Request-Id': 'own', 'x-other': '1' }],
  ['a list', ['X-Request-Id', 'own', 'x-other', '1']],
])(
  'headers that the application gives to writeHead as %s come before the id (R6)',
  async (_what, headers) => {
    const url = await listen((_request, response) => {
      answerHeader(response, 'x-request-id', 'mine');
      response.writeHead(201, 'Made', headers as never).end();
    });
    const response = await fetch(url);
    expect([response.status, response.statusText]).toEqual([201, 'Made']);
    expect(response.headers.get('x-request-id')).toBe('own');
    expect(response.headers.get('x-other')).toBe('1');
  },
);

test('what takes all headers back, as Koa does for an error, does not take the id', async () => {
  const url = await listen((_request, response) => {
    answerHeader(response, 'x-request-id', 'mine');
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusCode = 500;
    response.end();
  });
  expect((await fetch(url)).headers.get('x-request-id')).toBe('mine');
});

test('over HTTP/2 the id is answered as well, also for a stream that is gone (R1)', async () => {
  const server = createHttp2Server((request, response) => {
    const answer = response as unknown as ServerResponse;
    if (request.url === '/gone') response.stream.destroy();
    answerHeader(answer, 'x-request-id', 'mine');
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const stream = session.request({ ':path': '/' });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect(headers['x-request-id']).toBe('mine');
  const gone = session.request({ ':path': '/gone' });
  await once(
    gone.on('error', () => undefined),
    'close',
  );
});
