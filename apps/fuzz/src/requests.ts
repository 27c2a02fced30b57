import { once } from 'node:events';
import { connect } from 'node:net';

import fc from 'fast-check';

import { garbled, hostileText, secretWord } from './texts.ts';

/** A request that does not come from a client of HTTP: what goes over the socket. */
export interface RawRequest {
  /** Characters of Latin-1, a byte each. */
  readonly text: string;
  /** Stands in it where the kit promises to tell no value: a query, a password of a URL, a header of credentials. */
  readonly secret: string;
}

const METHODS = [
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'get',
  'PROPFIND',
  'TRACE',
  'QUERY',
  'M-SEARCH',
  'PRI',
  '',
];

/** Targets, with SECRET where a secret stands. */
const TARGETS = [
  '/users/7?sig=SECRET',
  '/users/7?a=1&X-Amz-Signature=SECRET&b=2;sig=SECRET',
  '/users/%00?%73ig=SECRET',
  '//users//7?Signature=/SECRET',
  'http://user:SECRET@host/users/7?sig=SECRET',
  'http://host?sig=/a://b/SECRET',
  'https://u:SECRET@[::1]:1/x?AWSAccessKeyId=SECRET#y',
  '/static/../users/7/?X-Goog-Signature=SECRET%0d%0a',
  '*',
];

const HEADERS = [
  'authorization: Bearer SECRET',
  'Cookie: session=SECRET',
  'x-request-id: 7f3a-41',
  'X-Request-ID: a\tb',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  'traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01',
  'tracestate: a=1,b=2',
  'baggage: request_id=x%0Ay,tenant=a;b=c',
  'baggage: request_id=7f3a-42',
  'forwarded: for=1.2.3.4;host="evil\\"x:99";proto=https',
  'x-forwarded-host: user:x@host:77, other',
  'x-forwarded-proto: javascript',
  'user-agent: \x80\x9f\xff',
  'x-custom: one',
  'x-custom: two',
  'content-length: 3',
  'transfer-encoding: chunked',
  'content-type: application/json',
  'expect: 100-continue',
  'upgrade: websocket',
  'connection: upgrade',
  '__proto__: x',
];

const latin = (text: string): string => text.replaceAll(/[^\0-\u00ff]/gu, '?');

/** Requests of all kinds, most of which a server understands. */
export const rawRequest: fc.Arbitrary<RawRequest> = fc
  .record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('GET', 'POST') },
      { weight: 2, arbitrary: fc.constantFrom(...METHODS) },
      hostileText(50),
    ),
    target: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...TARGETS) },
      garbled(...TARGETS.filter((each) => !each.includes('SECRET')), '/users/7?a=b'),
      hostileText(9000),
    ),
    headers: fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...HEADERS) },
        garbled(...HEADERS.filter((each) => !each.includes('SECRET'))),
      ),
      { maxLength: 8 },
    ),
    body: fc.oneof(fc.constant(''), fc.constant('{"a":1}'), hostileText(3000)),
    secret: secretWord,
  })
  .map(({ method, target, headers, body, secret }) => ({
    secret,
    text: latin(
      [`${method} ${target} HTTP/1.1`, 'host: service:80', ...headers, 'connection: close', '', body].join(
        '\r\n',
      ),
    ).replaceAll('SECRET', secret),
  }));

/** Sends a request and ends the connection; resolves with all that came back. */
export async function sendRaw(port: number, { text }: RawRequest): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  // A server may cut a connection whose request it does not understand.
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(Buffer.from(text, 'latin1'));
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}
