import { once } from 'node:events';
import { createServer, get, type IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { type ServerSpan, serverSpanOf, traceHttpServer } from '../src/server-span.ts';
import { listen } from './support/listen.ts';
import { recordSpans } from './support/recorded-spans.ts';

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  open: () => ServerSpan<IncomingMessage>,
) => void;

const tracing = traceHttpServer<IncomingMessage>({
  scope: { name: 'test', version: '1' },
  route: () => '/route',
  meetsEarly: true,
});

/** Asks a server whose every request is met before its handler. */
async function ask(handler: Handler, path = '/path'): Promise<void> {
  const url = await listen((request, response) => handler(request, response, () => tracing.open(request)));
  const [answer] = (await once(get(url + path), 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
}

/** Settled with what is given by the listener that it is for. */
function told(): { readonly now: (what: unknown) => void; readonly seen: Promise<unknown> } {
  let now: (what: unknown) => void = () => undefined;
  const seen = new Promise<unknown>((resolve) => (now = resolve));
  return { now: (what) => now(what), seen };
}

test('the method of a request is the one that arrived; its headers are those that whoever has it first gives it', async () => {
  const spans = recordSpans();
  await ask((request, response, open) => {
    request.method = 'DELETE';
    request.headers = { ...request.headers, host: 'shop.example', traceparent: undefined };
    open().attach(response, request);
    response.end();
  }, '/path?q=1');
  const [span] = spans();
  expect(span?.name).toBe('GET /route');
  expect(span?.attributes).toMatchObject({
    'http.request.method': 'GET',
    'url.path': '/path',
    'url.query': 'q=1',
    'server.address': 'shop.example',
    'network.peer.address': '127.0.0.1',
    'http.response.status_code': 200,
  });
});

test.each(['finish', 'close'])(
  'a listener of %s that came before the request was opened has its span',
  async (event) => {
    recordSpans();
    const { now, seen } = told();
    await ask((request, response, open) => {
      response.once(event, () => now(trace.getActiveSpan() === serverSpanOf(request)));
      open().attach(response, request);
      response.end();
    });
    expect(await seen).toBe(true);
  },
);

test('a request that nobody opens is left as it is', async () => {
  const spans = recordSpans();
  const { now, seen } = told();
  await ask((request, response) => {
    request.once('end', () => now(context.active()));
    request.resume();
    response.end();
  });
  expect(await seen).toBe(ROOT_CONTEXT);
  expect(spans()).toEqual([]);
});

test('a response that has closed before it was attached ends its span at once', async () => {
  const spans = recordSpans();
  const { now, seen } = told();
  await ask((request, response, open) => {
    response.once('close', () => {
      // After all that Node has to say of it.
      setImmediate(() => {
        open().attach(response, request);
        now(spans()[0]?.ended);
      });
    });
    response.end();
  });
  expect(await seen).toBe(true);
});

test('a request that cannot be met is left to its server', async () => {
  class Fixed extends ServerResponse {}
  Object.defineProperty(Fixed.prototype, 'emit', { value: ServerResponse.prototype.emit });
  const server = createServer({ ServerResponse: Fixed }, (_request, response) => response.end('answered'));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('answered');
});
