import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { finished } from 'node:stream/promises';

import { SpanStatusCode, trace } from '@opentelemetry/api';
import { request as undiciRequest } from 'undici';
import { expect, test } from 'vitest';

import { withSpan } from '../src/with-span.ts';
import { closedUrl } from './support/listen.ts';
import { callerNames, callers, outgoing } from './support/outgoing.ts';

const UNSET = { code: SpanStatusCode.UNSET };

/** Begins an answer and leaves it at that. */
const begin = (_request: unknown, response: http.ServerResponse): void => {
  response.writeHead(200).write('part');
};

const never = (): void => undefined;

const cut = (_request: unknown, response: http.ServerResponse): void => {
  response.writeHead(200, { 'content-length': 10 }).write('part', () => response.destroy());
};

test.each(callerNames)(
  'by %s, a connection that is refused is an error with one exception (H5)',
  async (way) => {
    const { client } = await outgoing();
    const url = await closedUrl();
    await withSpan('caller', () => expect(callers[way]!(url)).rejects.toThrow());
    const message = `connect ECONNREFUSED ${new URL(url).host}`;
    expect(client().status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(client().attributes['error.type']).toBe('ECONNREFUSED');
    expect(client().attributes).not.toHaveProperty('http.response.status_code');
    expect(client().events).toMatchObject([
      { name: 'exception', attributes: { 'exception.message': message } },
    ]);
  },
);

test.each(callerNames)('by %s, an answer that is cut off is an error with its status (H5)', async (way) => {
  const { url, client } = await outgoing({}, { answer: cut });
  await withSpan('caller', () => expect(callers[way]!(url)).rejects.toThrow());
  expect(client().status.code).toBe(SpanStatusCode.ERROR);
  expect(client().attributes).toMatchObject({
    'http.response.status_code': 200,
    'error.type': way === 'fetch' ? 'UND_ERR_SOCKET' : 'ECONNRESET',
  });
  expect(client().events).toHaveLength(1);
});

test('an answer that is cut off where nobody listens for it is an error all the same', async () => {
  const { url, client } = await outgoing({}, { answer: cut });
  await withSpan('caller', async () => {
    const [response] = (await once(http.get(url), 'response')) as [IncomingMessage];
    await new Promise((resolve) => response.once('close', resolve).resume());
  });
  expect(client().attributes['error.type']).toBe('ECONNRESET');
});

test('a server that closes without an answer is an error (H5)', async () => {
  const { url, client } = await outgoing({}, { answer: (request) => request.socket.destroy() });
  await withSpan('caller', () => expect(callers['http.request']!(url)).rejects.toThrow('socket hang up'));
  expect(client().attributes['error.type']).toBe('ECONNRESET');
});

const abandoned: Readonly<
  Record<string, [answer: http.RequestListener, (url: string, arrived: Promise<unknown>) => Promise<unknown>]>
> = {
  'fetch, aborted before the answer': [
    never,
    async (url, arrived) => {
      const controller = new AbortController();
      const pending = fetch(url, { signal: controller.signal });
      await arrived;
      controller.abort();
      await expect(pending).rejects.toThrow('aborted');
    },
  ],
  'fetch, aborted in the body': [
    begin,
    async (url) => {
      const controller = new AbortController();
      const response = await fetch(url, { signal: controller.signal });
      controller.abort();
      await expect(response.text()).rejects.toThrow('aborted');
    },
  ],
  'fetch, body.cancel()': [begin, async (url) => (await fetch(url)).body?.cancel()],
  'undici, aborted before the answer': [
    never,
    async (url, arrived) => {
      const controller = new AbortController();
      const pending = undiciRequest(url, { signal: controller.signal });
      await arrived;
      controller.abort();
      await expect(pending).rejects.toThrow('aborted');
    },
  ],
  'http.request, aborted before the answer': [
    never,
    async (url, arrived) => {
      const controller = new AbortController();
      const request = http.get(url, { signal: controller.signal });
      await arrived;
      controller.abort();
      await expect(once(request, 'response')).rejects.toThrow('aborted');
    },
  ],
  'http.request, aborted in the body': [
    begin,
    async (url) => {
      const controller = new AbortController();
      const request = http.get(url, { signal: controller.signal });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const failed = once(request, 'error');
      controller.abort();
      await failed;
      await finished(response).catch(() => undefined);
    },
  ],
  'http.request, the answer destroyed': [
    begin,
    async (url) => {
      const [response] = (await once(http.get(url), 'response')) as [IncomingMessage];
      response.destroy();
      await once(response, 'close');
    },
  ],
};

test.each(Object.keys(abandoned))('%s: given up by the application, which is no error (H6)', async (name) => {
  const [answer, call] = abandoned[name]!;
  const { url, client, arrived } = await outgoing({}, { answer });
  await withSpan('caller', () => call(url, arrived));
  expect(client().status).toEqual(UNSET);
  expect(client().events).toEqual([]);
  expect(client().attributes).not.toHaveProperty('error.type');
});

test.each(callerNames)('by %s, the span lasts until the end of the answer', async (way) => {
  let release = never;
  const early: unknown[] = [];
  const { url, spans } = await outgoing(
    {},
    {
      answer: (_request, response) => {
        response.write('part');
        release = () => void response.end();
      },
    },
  );
  await withSpan('caller', async () => {
    if (way === 'fetch') {
      const response = await fetch(url);
      early.push(...spans());
      release();
      await response.text();
      return;
    }
    const [response] = (await once(http.get(url), 'response')) as [IncomingMessage];
    early.push(...spans());
    release();
    await finished(response.resume());
  });
  expect(early).toEqual([]);
  expect(spans().map(({ name }) => name)).toEqual(['GET', 'caller']);
});

test('http.request: listeners run in the context of their call, over a connection that is kept alive', async () => {
  const { url, spans } = await outgoing();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const names = async (): Promise<string[]> => {
    const seen: string[] = [];
    const note = (): void => {
      seen.push((trace.getActiveSpan() as { name?: string } | undefined)?.name ?? 'none');
    };
    const request = http.get(url, { agent }, note).on('finish', note).on('close', note).on('socket', note);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('end', note).resume();
    await once(request, 'close');
    return seen;
  };
  const all = await Promise.all(['one', 'two', 'three'].map((name) => withSpan(name, names)));
  agent.destroy();
  expect(all).toEqual(['one', 'two', 'three'].map((name) => Array(5).fill(name)));
  expect(spans()).toHaveLength(6);
});

test.each([
  ['upgrade', { connection: 'upgrade', upgrade: 'echo' }, 'GET', 101],
  ['connect', {}, 'CONNECT', 200],
] as const)('http.request: %s ends the span with its status', async (event, headers, method, status) => {
  const { url, client } = await outgoing();
  const server = http.createServer().listen(0, '127.0.0.1');
  server.on(event, (_request, socket) => {
    socket.end(`HTTP/1.1 ${status} OK\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n`);
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await withSpan('caller', async () => {
    const path = method === 'CONNECT' ? new URL(url).host : '/';
    const request = http.request({ port, method, path, headers }).end();
    const [, socket] = (await once(request, event)) as [IncomingMessage, Socket];
    socket.destroy();
  });
  server.close();
  expect(client()).toMatchObject({ name: method, status: UNSET });
  expect(client().attributes['http.response.status_code']).toBe(status);
});
