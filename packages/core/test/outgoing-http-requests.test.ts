import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';

import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import * as undici6 from 'undici';
import * as undici5 from 'undici5';
import * as undici7 from 'undici7';
import { expect, onTestFinished, test } from 'vitest';

import { withSpan } from '../src/with-span.ts';
import { callerNames, callers, outgoing, traceparentOf } from './support/outgoing.ts';

/** What every version of undici has, as far as the tests use it. */
type Undici = typeof undici6;

const versions: readonly (readonly [string, Undici])[] = [
  ['5', undici5 as unknown as Undici],
  ['6', undici6],
  ['7', undici7 as unknown as Undici],
];

const ways: Readonly<Record<string, (undici: Undici, url: string) => Promise<unknown>>> = {
  fetch: async (undici, url) => (await undici.fetch(url)).text(),
  request: async (undici, url) => (await undici.request(url)).body.text(),
  async stream(undici, url) {
    const sink = new PassThrough();
    await undici.stream(url, { method: 'GET' }, () => sink);
    await finished(sink.resume());
  },
  async dispatch(undici, url) {
    const { origin, pathname } = new URL(url);
    const client = new undici.Client(origin);
    onTestFinished(() => client.destroy());
    await new Promise<void>((resolve, reject) => {
      client.dispatch(
        { method: 'GET', path: pathname },
        {
          onConnect: () => undefined,
          onHeaders: () => true,
          onData: () => true,
          onComplete: () => resolve(),
          onError: reject,
        },
      );
    });
  },
};

test.each(
  versions.flatMap(([version, undici]) => Object.keys(ways).map((way) => [version, way, undici] as const)),
)(
  'undici %s: a call by %s is one CLIENT span named by its method, and carries its traceparent (H1)',
  async (_version, way, undici) => {
    const { url, sent, client } = await outgoing();
    await withSpan('caller', () => ways[way]!(undici, `${url}/stock`));
    expect(client()).toMatchObject({
      name: 'GET',
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'url.full': `${url}/stock`,
        'network.peer.address': '127.0.0.1',
      },
    });
    expect(sent.map((headers) => headers['traceparent'])).toEqual([[traceparentOf(client())]]);
  },
);

const elsewhere = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

test.each([
  ...versions.map(
    ([version, { request }]) =>
      [
        `undici ${version}`,
        async (url: string) => {
          const headers = { TraceParent: elsewhere, tracestate: 'a=1', 'x-kept': 'yes' };
          await (await request(url, { headers })).body.text();
        },
      ] as const,
  ),
  [
    'http.request',
    async (url: string) =>
      callers['http.request']!(url, { TraceParent: elsewhere, tracestate: 'a=1', 'x-kept': 'yes' }),
  ] as const,
])(
  'by %s, headers that an application forwards give way to those of the call: one of each (H1)',
  async (_way, call) => {
    const { url, sent, client } = await outgoing();
    await withSpan('caller', () => call(url));
    const [headers] = sent;
    expect(headers?.['traceparent']).toEqual([traceparentOf(client())]);
    expect(headers?.['tracestate']).toBeUndefined();
    expect(headers?.['x-kept']).toEqual(['yes']);
  },
);

test.each(callerNames)(
  'by %s, a trace that the application wrote down where no span is active goes on untouched',
  async (way) => {
    const { url, sent, spans } = await outgoing({ requireParent: false });
    await callers[way]!(url, { traceparent: elsewhere });
    expect(sent[0]?.['traceparent']).toEqual([elsewhere]);
    expect(spans()).toEqual([]);
  },
);

test.each<[string, string, string, string | undefined, (url: string, method: string) => Promise<unknown>]>([
  ['PURGE', 'HTTP', '_OTHER', 'PURGE', viaUndici],
  ['PURGE', 'HTTP', '_OTHER', 'PURGE', viaNode],
  ['get', 'GET', 'GET', 'get', viaUndici],
  // Node itself makes it upper-case before it is sent.
  ['get', 'GET', 'GET', undefined, viaNode],
  ['QUERY', 'QUERY', 'QUERY', undefined, viaUndici],
  ['QUERY', 'QUERY', 'QUERY', undefined, viaNode],
])(
  'the method %s makes a span named %s of method %s, original %s (H7)',
  async (method, name, known, original, call) => {
    const { url, client } = await outgoing();
    await withSpan('caller', () => call(url, method));
    expect(client().name).toBe(name);
    expect(client().attributes['http.request.method']).toBe(known);
    expect(client().attributes['http.request.method_original']).toBe(original);
  },
);

async function viaUndici(url: string, method: string): Promise<void> {
  await (await undici6.request(url, { method: method as 'GET' })).body.text();
}

async function viaNode(url: string, method: string): Promise<void> {
  const [response] = (await once(http.request(url, { method }).end(), 'response')) as [IncomingMessage];
  await finished(response.resume());
}

test.each<[string, http.OutgoingHttpHeaders | readonly unknown[] | undefined, string | undefined]>([
  ['no headers', undefined, undefined],
  ['an object', { 'User-Agent': 'shop/1' }, 'shop/1'],
  ['a header whose value is user-agent', { 'x-name': 'user-agent' }, undefined],
  ['a flat array', ['Host', 'inventory', 'user-agent', 'shop/1', 'x-a', '1', 'x-a', '2'], 'shop/1'],
  [
    'an array of pairs',
    [
      ['Host', 'inventory'],
      ['User-Agent', 'shop/1'],
    ],
    'shop/1',
  ],
  ['Expect', { Expect: '100-continue', 'user-agent': 'shop/1' }, 'shop/1'],
])(
  'http.request with %s: the user agent is read and the headers arrive (H8)',
  async (_shape, headers, expected) => {
    const { url, sent, client } = await outgoing();
    await withSpan('caller', async () => {
      const request = http
        .request(url, { ...(headers && { headers: headers as http.OutgoingHttpHeaders }) })
        .end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await finished(response.resume());
    });
    expect(client().attributes['user_agent.original']).toBe(expected);
    const given = Array.isArray(headers) ? ['inventory'] : [new URL(url).host];
    expect(sent[0]).toMatchObject({ host: given, traceparent: [traceparentOf(client())] });
    const several = JSON.stringify(headers ?? '').includes('x-a') ? ['1', '2'] : undefined;
    expect(sent[0]?.['x-a']).toEqual(several);
  },
);

test.each<[string, unknown, string | undefined]>([
  ['no headers', undefined, undefined],
  ['an object', { 'User-Agent': 'shop/1' }, 'shop/1'],
  ['a value of several', { 'user-agent': ['shop/1', 'shop/2'] }, 'shop/2'],
  ['a header whose value is user-agent', { 'x-name': 'user-agent' }, undefined],
  ['a flat array', ['x-name', 'user-agent', 'User-Agent', 'shop/1'], 'shop/1'],
  ['a map', new Map([['user-agent', 'shop/1']]), 'shop/1'],
])('undici with %s: the user agent is read (H8)', async (_shape, headers, expected) => {
  const { url, client } = await outgoing();
  await withSpan('caller', async () => {
    await (await undici6.request(url, { headers: headers as Record<string, string> })).body.text();
  });
  expect(client().attributes['user_agent.original']).toBe(expected);
});

test.each<[string, (url: URL, path: string) => Promise<unknown>]>([
  [
    'http.request',
    async ({ hostname, port }, path) => {
      const [response] = (await once(http.get({ hostname, port, path }), 'response')) as [IncomingMessage];
      await finished(response.resume());
    },
  ],
  [
    'undici',
    async ({ origin }, path) => {
      const client = new undici6.Client(origin);
      onTestFinished(() => client.destroy());
      await (await client.request({ method: 'GET', path })).body.text();
    },
  ],
])('%s to a proxy, with an absolute URL as its path, is a call to that URL (H9)', async (_way, call) => {
  const { url, client } = await outgoing();
  await withSpan('caller', () => call(new URL(url), 'http://me:hush@inventory.test:81/stock?sig=secret'));
  expect(client().attributes).toMatchObject({
    'url.full': 'http://REDACTED:REDACTED@inventory.test:81/stock?sig=REDACTED',
    'server.address': 'inventory.test',
    'server.port': 81,
  });
});

test.each<[string, (url: string) => Promise<unknown>]>([
  ['http.request by string', async (url) => callers['http.request']!(url)],
  [
    'http.request by parts',
    async (url) => {
      const { hostname, port, pathname } = new URL(url);
      const host = hostname.replaceAll(/[[\]]/g, '');
      const [response] = (await once(http.get({ host, port, path: pathname }), 'response')) as [
        IncomingMessage,
      ];
      await finished(response.resume());
    },
  ],
  ['fetch', async (url) => callers['fetch']!(url)],
])('%s to an IPv6 address: the address without brackets, the URL with them', async (_way, call) => {
  const { client } = await outgoing();
  const server = http.createServer((_request, response) => response.end()).listen(0, '::1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  await withSpan('caller', () => call(`http://[::1]:${port}/stock`));
  expect(client().attributes).toMatchObject({
    'server.address': '::1',
    'server.port': port,
    'url.full': `http://[::1]:${port}/stock`,
  });
});

test.each(['//name', '//', '///', '//elsewhere:81/stock'])(
  'http.request: a path of %s is no host',
  async (path) => {
    const { url, client } = await outgoing();
    await withSpan('caller', () => callers['http.request']!(`${url}${path}`));
    expect(client().attributes).toMatchObject({ 'server.address': '127.0.0.1', 'url.full': `${url}${path}` });
  },
);

test('http.request: options win over the URL, as for Node itself', async () => {
  const { url, client } = await outgoing();
  const { port } = new URL(url);
  await withSpan('caller', async () => {
    const request = http.get('http://127.0.0.1:9/x', { port, path: '/stock' });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await finished(response.resume());
  });
  expect(client().attributes).toMatchObject({ 'server.port': Number(port), 'url.full': `${url}/stock` });
});

const NOBODY = 'http://127.0.0.1:9/elsewhere';

test.each<[string, (url: URL) => http.ClientRequest]>([
  ['a string with its scheme in capitals', ({ href }) => http.get(href.replace('http', 'HTTP'))],
  ['a string with backslashes', ({ href }) => http.get(href.replaceAll('/', '\\'))],
  ['a URL', (url) => http.get(url)],
  [
    'a URL of another class',
    ({ href, protocol, hostname, port, pathname, search, hash }) =>
      http.get({ href, protocol, hostname, port, pathname, search, hash } as unknown as URL),
  ],
  ['a URL and options', ({ port, pathname }) => http.get(new URL(NOBODY), { port, path: pathname })],
  [
    'options with a port of their own by default',
    ({ hostname, port, pathname }) => http.get({ hostname, path: pathname, defaultPort: Number(port) }),
  ],
  [
    'a URL whose port an option takes away',
    ({ port, pathname }) =>
      http.get(new URL(NOBODY), { port: undefined, defaultPort: Number(port), path: pathname }),
  ],
  [
    'an agent with a port of its own',
    ({ hostname, port, pathname }) => {
      const agent = Object.assign(new http.Agent(), { defaultPort: Number(port) });
      return http.get({ host: hostname, path: pathname, agent });
    },
  ],
])('http.request by %s: the span says where the request went', async (_how, call) => {
  const { url, client } = await outgoing();
  await withSpan('caller', async () => {
    const [response] = (await once(call(new URL(`${url}/stock`)), 'response')) as [IncomingMessage];
    await finished(response.resume());
  });
  expect(client().attributes).toMatchObject({
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(url).port),
    'url.full': `${url}/stock`,
  });
});

test('http.request, replaced by one that does not tell its host: the arguments tell', async () => {
  const { request } = http;
  http.request = ((...args: Parameters<typeof request>) =>
    Object.assign(request(...args), { host: undefined })) as typeof request;
  onTestFinished(() => {
    http.request = request;
  });
  const { url, client } = await outgoing();
  await withSpan('caller', () => callers['http.request']!(`${url}/stock`));
  expect(client().attributes).toMatchObject({ 'server.address': '127.0.0.1', 'url.full': `${url}/stock` });
});

test('what Node refuses is refused with its own error', async () => {
  const { spans } = await outgoing();
  withSpan('caller', () => {
    expect(() => http.request('no url')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_URL' }));
    expect(() => http.request({ path: '/a b' })).toThrow(
      expect.objectContaining({ code: 'ERR_UNESCAPED_CHARACTERS' }),
    );
    expect(() => http.request({ path: '/a b', headers: ['a', 'b'] })).toThrow(
      expect.objectContaining({ code: 'ERR_UNESCAPED_CHARACTERS' }),
    );
  });
  // The head of the third had to be made before Node could see what is wrong with it.
  expect(spans().map(({ name, status }) => [name, status.code])).toEqual([
    ['GET', SpanStatusCode.ERROR],
    ['caller', SpanStatusCode.UNSET],
  ]);
});

test.each(versions)(
  'undici %s: a connection that is to be upgraded makes no span, and carries its trace',
  async (_version, { upgrade }) => {
    const { spans } = await outgoing();
    const server = http.createServer().listen(0, '127.0.0.1');
    let traceparent: unknown;
    server.once('upgrade', ({ headers }, socket) => {
      traceparent = headers['traceparent'];
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await withSpan('caller', async () => {
      const { socket } = await upgrade(`http://127.0.0.1:${port}`, { protocol: 'echo' });
      socket.destroy();
    });
    server.close();
    const [caller] = spans();
    expect(spans()).toHaveLength(1);
    expect(traceparent).toBe(traceparentOf(caller!));
  },
);
