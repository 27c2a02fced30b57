import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Attributes, SpanKind } from '@opentelemetry/api';
import { AlwaysOnSampler, InMemorySpanExporter, type Sampler } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { initTracing } from '../src/init-tracing.ts';
import type { OutgoingHttpOptions } from '../src/outgoing-http-options.ts';
import { withSpan } from '../src/with-span.ts';
import { closedUrl, listen } from './support/listen.ts';
import { callerNames, callers } from './support/outgoing.ts';

/** As an application sets the kit up; a sampler of its own wants attributes at the start of a span. */
function start(
  outgoingHttp: OutgoingHttpOptions = {},
  sampler?: Sampler,
): () => Promise<readonly Attributes[]> {
  const exporter = new InMemorySpanExporter();
  const tracing = initTracing({ serviceName: 'caller', exporter, outgoingHttp, ...(sampler && { sampler }) });
  onTestFinished(() => tracing.shutdown());
  return async () => {
    await tracing.forceFlush();
    const spans = exporter.getFinishedSpans();
    return spans.filter(({ kind }) => kind === SpanKind.CLIENT).map(({ attributes }) => attributes);
  };
}

const setUps: readonly (readonly [string, Sampler | undefined])[] = [
  ['at once at their end', undefined],
  ['from their start', new AlwaysOnSampler()],
];
const hooks = ['requestHook', 'responseHook'] as const;
const ways = setUps.flatMap(([when, sampler]) => callerNames.map((way) => [way, when, sampler] as const));

test.each(ways)(
  'by %s, spans that are told %s have all that is known of a call',
  async (way, _when, sampler) => {
    const clients = start({}, sampler);
    const url = await listen((_request, response) => response.writeHead(404).end());
    const { port } = new URL(url);
    await withSpan('caller', () => callers[way]!(`${url}/stock?x=1`, { 'user-agent': 'shop/1' }));
    expect(await clients()).toEqual([
      {
        'http.request.method': 'GET',
        'server.address': '127.0.0.1',
        'server.port': Number(port),
        'url.full': `${url}/stock?x=1`,
        'user_agent.original': 'shop/1',
        'network.peer.address': '127.0.0.1',
        'network.peer.port': Number(port),
        'network.protocol.version': '1.1',
        'http.response.status_code': 404,
        'error.type': '404',
      },
    ]);
  },
);

test.each(ways)(
  'by %s, spans that are told %s have no attribute of what never came',
  async (way, _when, sampler) => {
    const clients = start({}, sampler);
    const closed = await closedUrl();
    await withSpan('caller', () => callers[way]!(closed)).catch(() => undefined);
    const [attributes] = await clients();
    expect(Object.keys(attributes ?? {}).toSorted()).toEqual([
      'error.type',
      'http.request.method',
      'server.address',
      'server.port',
      'url.full',
      // Of `fetch` alone.
      ...(way === 'fetch' ? ['user_agent.original'] : []),
    ]);
  },
);

test('a call by a Unix socket has no address of a peer', async () => {
  const clients = start();
  const folder = mkdtempSync(join(tmpdir(), 'tracing-socket-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 'socket');
  const server = http.createServer((_request, response) => response.end()).listen(socketPath);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  await withSpan('caller', async () => {
    const [response] = await once(http.get({ socketPath, path: '/stock' }), 'response');
    response.resume();
    await once(response, 'end');
  });
  const [attributes = {}] = await clients();
  expect(Object.keys(attributes).filter((key) => key.startsWith('network.'))).toEqual([
    'network.protocol.version',
  ]);
  expect(attributes['http.response.status_code']).toBe(200);
});

test.each(ways.flatMap((each) => hooks.map((hook) => [hook, ...each] as const)))(
  'the %s alone, by %s, sees of spans that are told %s what is known by then',
  async (hook, way, _when, sampler) => {
    const seen: Attributes[] = [];
    const see = (span: object): void =>
      void seen.push({ ...(span as { attributes: Attributes }).attributes });
    const clients = start({ [hook]: see }, sampler);
    const url = await listen((_request, response) => response.end());
    await withSpan('caller', () => callers[way]!(url));
    const beginning = { 'http.request.method': 'GET', 'url.full': `${url}/` };
    const end = { ...beginning, 'network.peer.address': '127.0.0.1', 'http.response.status_code': 200 };
    expect(seen).toEqual([expect.objectContaining(hook === 'requestHook' ? beginning : end)]);
    expect(await clients()).toEqual([expect.objectContaining(end)]);
  },
);

test.each(callerNames)('by %s, a sampler is shown what is known, and nothing else', async (way) => {
  const shown: Attributes[] = [];
  const sampler: Sampler = {
    shouldSample(_context, _traceId, _name, kind, attributes) {
      if (kind === SpanKind.CLIENT) shown.push(attributes);
      return { decision: 2 };
    },
    toString: () => 'all',
  };
  start({}, sampler);
  const url = await listen((_request, response) => response.end());
  await withSpan('caller', () => callers[way]!(url, { 'user-agent': 'shop/1' }));
  expect(shown.map((attributes) => Object.keys(attributes))).toEqual([
    ['http.request.method', 'server.address', 'server.port', 'url.full', 'user_agent.original'],
  ]);
});
