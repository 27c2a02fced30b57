import { once } from 'node:events';
import http, { get as earlyGet, request as earlyRequest } from 'node:http';

import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import axios from 'axios';
import got from 'got';
import { request as undiciRequest } from 'undici';
import { expect, onTestFinished, test } from 'vitest';

import { startOutgoingHttp } from '../src/outgoing-http.ts';
import type { OutgoingHttpOptions } from '../src/outgoing-http-options.ts';
import { withSpan } from '../src/with-span.ts';
import { listen } from './support/listen.ts';
import { recordSpans } from './support/recorded-spans.ts';

/** A server that answers with the propagation headers that it got, and the spans that a test makes. */
async function setUp(options?: OutgoingHttpOptions | boolean) {
  const spans = recordSpans();
  const stop = startOutgoingHttp(options);
  onTestFinished(stop);
  const url = await listen((request, response) => {
    if (request.url?.startsWith('/fail')) response.statusCode = 503;
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ traceparent: request.headers.traceparent, baggage: request.headers['baggage'] }),
    );
  });
  return { spans, url, stop };
}

async function answerOf(message: http.IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of message) body += String(chunk);
  return JSON.parse(body) as Answer;
}

interface Answer {
  traceparent?: string;
  baggage?: string;
}

const clients: Record<string, (url: string) => Promise<Answer>> = {
  fetch: async (url) => (await (await fetch(url)).json()) as Answer,
  'undici request': async (url) => (await (await undiciRequest(url)).body.json()) as Answer,
  'http.request': async (url) => {
    const outgoing = http.request(url).end();
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    return answerOf(response);
  },
  'request imported from node:http by name': async (url) => {
    const outgoing = earlyRequest(url).end();
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage];
    return answerOf(response);
  },
  'get imported from node:http by name': async (url) => {
    const [response] = (await once(earlyGet(url), 'response')) as [http.IncomingMessage];
    return answerOf(response);
  },
  axios: async (url) => (await axios.get<Answer>(url)).data,
  got: async (url) => got(url).json<Answer>(),
};

test.each(Object.keys(clients))(
  'a call by %s is one CLIENT span and carries its traceparent',
  async (name) => {
    const { spans, url } = await setUp();
    const answer = await withSpan('caller', () => clients[name]!(`${url}/stock?sku=1&sig=secret`));
    const [client, caller] = spans();
    expect(spans()).toHaveLength(2);
    const { traceId, spanId } = client!.spanContext();
    expect(answer.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(client?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
    expect(client).toMatchObject({
      name: 'GET',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
    });
    const port = Number(new URL(url).port);
    expect(client?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
      'network.protocol.version': '1.1',
      'server.address': '127.0.0.1',
      'server.port': port,
      'url.full': `${url}/stock?sku=1&sig=REDACTED`,
      ...(client?.attributes['user_agent.original'] !== undefined && {
        'user_agent.original': client.attributes['user_agent.original'],
      }),
    });
  },
);

test.each(['fetch', 'http.request'])(
  'a call by %s without a parent makes no span and sends no traceparent',
  async (name) => {
    const { spans, url } = await setUp();
    expect((await clients[name]!(url)).traceparent).toBeUndefined();
    expect(spans()).toEqual([]);
  },
);

test.each(['fetch', 'http.request'])(
  'requireParent: false makes a root span of a lone call by %s',
  async (name) => {
    const { spans, url } = await setUp({ requireParent: false });
    const answer = await clients[name]!(url);
    expect(answer.traceparent).toContain(spans()[0]?.spanContext().spanId);
  },
);

test.each(['fetch', 'http.request'])(
  'a call by %s inside a suppressed context makes nothing',
  async (name) => {
    const { spans, url } = await setUp({ requireParent: false });
    const answer = await context.with(suppressTracing(ROOT_CONTEXT), () => clients[name]!(url));
    expect(answer).toEqual({});
    expect(spans()).toEqual([]);
  },
);

test.each(['fetch', 'http.request'])('baggage travels with a call by %s', async (name) => {
  const { url } = await setUp();
  const carried = propagation.setBaggage(
    ROOT_CONTEXT,
    propagation.createBaggage({ tenant: { value: 'acme' } }),
  );
  const answer = await context.with(carried, () => withSpan('caller', () => clients[name]!(url)));
  expect(answer.baggage).toBe('tenant=acme');
});

test.each(['fetch', 'http.request'])(
  'a 5xx answer to %s marks the client span and no other',
  async (name) => {
    const { spans, url } = await setUp();
    await withSpan('caller', () => clients[name]!(`${url}/fail`));
    const [client, caller] = spans();
    expect(client?.status.code).toBe(SpanStatusCode.ERROR);
    expect(client?.attributes['error.type']).toBe('503');
    expect(caller?.status.code).toBe(SpanStatusCode.UNSET);
  },
);

test.each(['fetch', 'http.request'])(
  'a refused connection by %s is an error with one exception (H5)',
  async (name) => {
    const { spans } = await setUp();
    const closed = http.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    closed.close();
    await once(closed, 'close');
    await withSpan('caller', async () => {
      await expect(clients[name]!(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    });
    const [client] = spans();
    expect(client?.status.code).toBe(SpanStatusCode.ERROR);
    expect(client?.events.map((event) => event.name)).toEqual(['exception']);
    expect(client?.attributes['error.type']).toBeDefined();
  },
);

test('a URL of another realm is a URL, with headers as an array too', async () => {
  recordSpans();
  onTestFinished(startOutgoingHttp());
  const received: (string | undefined)[] = [];
  const base = await listen((request, response) => {
    received.push(request.url);
    response.end();
  });
  // As those of jsdom: all of it by getters of a class of its own.
  class ForeignUrl {
    readonly #url = new URL(`${base}/there?a=1`);
    get href(): string {
      return this.#url.href;
    }
    get protocol(): string {
      return this.#url.protocol;
    }
    get hostname(): string {
      return this.#url.hostname;
    }
    get port(): string {
      return this.#url.port;
    }
    get pathname(): string {
      return this.#url.pathname;
    }
    get search(): string {
      return this.#url.search;
    }
    get hash(): string {
      return this.#url.hash;
    }
    get username(): string {
      return '';
    }
    get password(): string {
      return '';
    }
  }
  for (const headers of [['host', 'test'], { host: 'test' }]) {
    const sent = http.get(new ForeignUrl() as unknown as URL, { headers } as never);
    const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
    response.resume();
    await once(response, 'end');
  }
  expect(received).toEqual(['/there?a=1', '/there?a=1']);
});

test('an aborted fetch leaves the status unset and names no error (H6)', async () => {
  const { spans, url } = await setUp();
  const controller = new AbortController();
  await withSpan('caller', async () => {
    const pending = fetch(url, { signal: controller.signal });
    controller.abort();
    await expect(pending).rejects.toThrow('aborted');
  });
  for (const span of spans()) {
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes['error.type']).toBeUndefined();
  }
});

test.each(['fetch', 'undici request'])(
  'a path with two slashes in front is no host to a call by %s',
  async (name) => {
    const { spans, url } = await setUp();
    await withSpan('caller', () => clients[name]!(`${url}//elsewhere:81/stock?sku=1`));
    expect(spans()[0]?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(url).port),
      'url.full': `${url}//elsewhere:81/stock?sku=1`,
    });
  },
);

test('an unknown method is called HTTP, the original kept (H7)', async () => {
  const { spans, url } = await setUp();
  await withSpan('caller', () => fetch(url, { method: 'PURGE' }));
  expect(spans()[0]).toMatchObject({
    name: 'HTTP',
    attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' },
  });
});

test('a fetch of a path that is nothing but slashes is a call like any other', async () => {
  const { spans, url } = await setUp();
  const answer = await withSpan('caller', () => clients['fetch']!(`${url}//`));
  const [client] = spans();
  expect(spans()).toHaveLength(2);
  expect(client?.attributes['url.full']).toBe(`${url}//`);
  expect(answer.traceparent).toBe(`00-${client?.spanContext().traceId}-${client?.spanContext().spanId}-01`);
});

test('outgoingHttp: false traces nothing', async () => {
  const { spans, url } = await setUp(false);
  const answer = await withSpan('caller', () => clients['http.request']!(url));
  expect(answer.traceparent).toBeUndefined();
  expect(spans()).toHaveLength(1);
});

test('stopping restores node:http and ends the tracing of fetch', async () => {
  const before = http.request;
  const { spans, url, stop } = await setUp();
  expect(http.request).not.toBe(before);
  stop();
  expect(http.request).toBe(before);
  expect(earlyRequest).toBe(before);
  await withSpan('caller', () => clients['fetch']!(url));
  expect(spans()).toHaveLength(1);
});
