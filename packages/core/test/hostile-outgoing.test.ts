import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';

import { garbled, hold, holdsText, hostileText, secretWord } from '@org/fuzz';
import fc from 'fast-check';
import { expect } from 'vitest';

import { withSpan } from '../src/with-span.ts';
import { outgoing } from './support/outgoing.ts';

interface Call {
  readonly way: string;
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
}

const PATHS = [
  '/a?sig=SECRET',
  '//a//b?X-Amz-Signature=SECRET#x',
  'http://user:SECRET@host/a?b=c',
  'http://user:SECRET@[host',
  'user:SECRET@host:443',
  '/%00?%73ig=SECRET&Signature=/SECRET',
  '*',
];

const call: fc.Arbitrary<Call> = fc.record({
  way: fc.constantFrom('fetch', 'request', 'url'),
  path: fc.oneof(fc.constantFrom(...PATHS), garbled('/a/b?c=d', '/a#b'), hostileText(5000)),
  method: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('GET', 'HEAD', 'get', 'PURGE') }, hostileText(20)),
  headers: fc.dictionary(
    fc.oneof(
      fc.constantFrom('x-a', 'Cookie', 'user-agent', 'traceparent', 'baggage', '__proto__'),
      hostileText(20),
    ),
    fc.oneof(garbled('a=1', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), hostileText(300)),
    { maxKeys: 4 },
  ),
  secret: secretWord,
});

/** Makes the call and waits for its end; of what it throws nothing is wanted. */
async function make(origin: string, { way, path, method, headers, secret }: Call): Promise<void> {
  const { host, hostname, port } = new URL(origin);
  const target = path.replaceAll('SECRET', secret);
  const all = { ...headers, authorization: `Bearer ${secret}` };
  try {
    if (way === 'fetch') {
      await (
        await fetch(new URL(target, origin).origin === origin ? new URL(target, origin) : origin, {
          method,
          headers: all,
        })
      ).text();
      return;
    }
    const options = { hostname, port, path: target, method, headers: all, agent: false };
    const request =
      way === 'request'
        ? http.request(options)
        : http.request(`http://user:${secret}@${host}/?sig=${secret}`, {
            method,
            headers: all,
            agent: false,
          });
    request.on('response', (response: IncomingMessage) => response.resume());
    request.on('error', () => undefined);
    const closed = once(request, 'close');
    request.end();
    await closed;
  } catch {
    // A method, path or header that Node or undici refuses.
  }
}

hold(
  'calls: whatever is called, no span tells a secret or stays open, and one valid traceparent is sent',
  () => {
    const setUp = outgoing(
      { captureHeaders: { request: [/./], response: [/./] } },
      { answer: (_request, response) => response.writeHead(200, { connection: 'close' }).end() },
    );
    return fc.asyncProperty(call, async (each) => {
      const { url, spans, sent } = await setUp;
      await withSpan('parent', () => make(url, each));
      for (const span of (spans() as ReturnType<typeof spans> & unknown[]).splice(0)) {
        expect(span.ended).toBe(true);
        expect(span.name).toMatch(/^(?:parent|[A-Z]+)$/);
        const told = [
          span.name,
          span.attributes,
          span.status,
          span.events.map(({ attributes }) => attributes),
        ];
        if (holdsText(told, each.secret)) throw new Error(JSON.stringify(told));
      }
      for (const { traceparent } of (sent as (typeof sent)[number][]).splice(0)) {
        expect(traceparent).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-0[0-3]$/)]);
      }
    });
  },
  { runs: 150 },
);
