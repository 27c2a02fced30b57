import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https, { get as earlyGet, request as earlyRequest } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { SpanKind, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { startOutgoingHttp } from '../src/outgoing-http.ts';
import { withSpan } from '../src/with-span.ts';
import { listen } from './support/listen.ts';
import { recordSpans } from './support/recorded-spans.ts';

// What CommonJS has taken apart before tracing is set up.
const { request: destructured } = createRequire(import.meta.url)('node:http') as typeof http;

function fixture(name: string): Buffer {
  return readFileSync(new URL(`fixtures/tls/${name}`, import.meta.url));
}

/** The `traceparent` headers that arrive at `url`, in order. */
async function nextHop(): Promise<{ url: string; parents: unknown[] }> {
  const parents: unknown[] = [];
  const url = await listen((request, response) => {
    parents.push(request.headers['traceparent']);
    response.end();
  });
  return { url, parents };
}

async function answered(sent: ClientRequest): Promise<void> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
}

const options = { ca: fixture('ca.pem'), agent: false };

test.each<[string, (url: string) => ClientRequest]>([
  ['https.request', (url) => https.request(url, options).end()],
  ['https.get', (url) => https.get(url, options)],
  ['request imported from node:https by name, earlier', (url) => earlyRequest(url, options).end()],
  ['get imported from node:https by name, earlier', (url) => earlyGet(url, options)],
])('a call by %s is one CLIENT span and carries its traceparent', async (_how, call) => {
  const parents: unknown[] = [];
  const server = https.createServer(
    { cert: fixture('server.pem'), key: fixture('server-key.pem') },
    (request, response) => {
      parents.push(request.headers['traceparent']);
      response.end();
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/x`;

  const spans = recordSpans();
  onTestFinished(startOutgoingHttp());
  await withSpan('caller', () => answered(call(url)));
  const [client, caller] = spans();
  expect(spans()).toHaveLength(2);
  expect(client).toMatchObject({ name: 'GET', kind: SpanKind.CLIENT, attributes: { 'url.full': url } });
  const ids = client?.spanContext();
  expect(client?.parentSpanContext?.spanId).toBe(caller?.spanContext().spanId);
  expect(parents).toEqual([`00-${ids?.traceId}-${ids?.spanId}-01`]);
});

test.each<[string, (url: string) => Promise<unknown>]>([
  ['fetch', async (url) => (await fetch(url)).text()],
  ['http.request', (url) => answered(http.request(url).end())],
])('with the raw API, inside startActiveSpan, a call by %s is a child', async (_how, call) => {
  const { url, parents } = await nextHop();
  const spans = recordSpans();
  onTestFinished(startOutgoingHttp());
  await trace.getTracer('application').startActiveSpan('own', async (own) => {
    await call(url);
    own.end();
  });
  const [client, own] = spans();
  expect([client?.name, own?.name]).toEqual(['GET', 'own']);
  expect(client?.parentSpanContext?.spanId).toBe(own?.spanContext().spanId);
  expect(parents).toEqual([expect.stringContaining(client?.spanContext().spanId ?? '')]);
});

test.each<[string, (url: URL) => ClientRequest]>([
  [
    'in the URL',
    (url) => {
      url.username = 'me';
      url.password = 'hush';
      return http.get(url);
    },
  ],
  ['as an option', (url) => http.get(url, { auth: 'me:hush' })],
])('credentials that http.get is given %s reach no attribute', async (_where, call) => {
  const { url } = await nextHop();
  const spans = recordSpans();
  onTestFinished(startOutgoingHttp());
  await withSpan('caller', () => answered(call(new URL(url))));
  const { attributes } = spans()[0] ?? {};
  expect(attributes?.['url.full']).toBe(`${url.replace('//', '//REDACTED:REDACTED@')}/`);
  expect(JSON.stringify(attributes)).not.toMatch(/me:|hush/);
});

test.each<[string, (url: string) => ClientRequest]>([
  ['a CommonJS destructuring taken earlier', (url) => destructured(url).end()],
  ['new ClientRequest', (url) => new http.ClientRequest(new URL(url)).end()],
])('a call by %s stays out of reach, works, and is named in the limits', async (_how, call) => {
  const { url, parents } = await nextHop();
  const spans = recordSpans();
  onTestFinished(startOutgoingHttp());
  await withSpan('caller', () => answered(call(url)));
  expect(spans().map(({ name }) => name)).toEqual(['caller']);
  expect(parents).toEqual([undefined]);
  const readMe = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const limits = readMe.slice(readMe.indexOf('## Limits')).replaceAll(/\s+/g, ' ');
  expect(limits).toContain(
    'Calls by a `request` of `node:http` that CommonJS took apart before `initTracing`, and by `new ClientRequest`',
  );
});
