import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { expect, test } from 'vitest';

import type { ImportResult, SpanDetail, TraceDetail, TraceList } from '../src/api.ts';
import { traceFile } from '../src/trace-file.ts';
import { TraceStore } from '../src/trace-store.ts';
import { linkTo, makeLog, makeSpan, spanId, START, traceId } from './make-span.ts';
import { runningViewer } from './running-viewer.ts';

async function json<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as Body;
}

function postJson(url: string, body: string): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

test('a span is told whole, with its log lines, its links and its resource', async () => {
  const { url, store } = await runningViewer();
  store.addSpans([
    makeSpan({
      span: 1,
      kind: 1,
      attributes: { flag: true, list: ['a', 'b'], odd: Number.NaN },
      events: [{ name: 'retry', timeUnixNano: START + 5n, attributes: { attempt: 2 } }],
      links: [{ ...linkTo(2, 5), attributes: { why: 'batch' } }],
      status: { code: 2, message: 'broken' },
      resourceAttributes: { 'service.name': 'shop', 'process.pid': 7 },
      scope: { name: 'koa', version: '1.2.3' },
    }),
    makeSpan({ trace: 3, span: 8, parent: 7, links: [linkTo(1, 1)] }),
  ]);
  store.addLogs([
    makeLog('later', { spanId: spanId(1), timeUnixNano: START + 9n, attributes: { deep: { a: [1] } } }),
    makeLog('earlier', { spanId: spanId(1) }),
    makeLog('elsewhere', { spanId: spanId(2) }),
  ]);
  expect(await json<SpanDetail>(`${url}/api/traces/${traceId(1)}/spans/${spanId(1)}`)).toEqual({
    traceId: traceId(1),
    spanId: spanId(1),
    name: 'span 1',
    service: 'shop',
    kind: 1,
    startTimeUnixNano: String(START),
    endTimeUnixNano: String(START + 10_000_000n),
    status: { code: 2, message: 'broken' },
    attributes: { flag: true, list: ['a', 'b'], odd: 'NaN' },
    events: [{ name: 'retry', timeUnixNano: String(START + 5n), attributes: { attempt: 2 } }],
    links: [{ traceId: traceId(2), spanId: spanId(5), attributes: { why: 'batch' }, known: false }],
    linkedFrom: [{ traceId: traceId(3), spanId: spanId(8), attributes: {}, known: true }],
    logs: [
      expect.objectContaining({ message: 'earlier', level: 'INFO', timeUnixNano: String(START) }),
      expect.objectContaining({ message: 'later', attributes: { deep: { a: [1] } } }),
    ],
    resource: { 'service.name': 'shop', 'process.pid': 7 },
    scope: { name: 'koa', version: '1.2.3' },
  });
});

test('the list, the facets and the map are there, and a filter that is wrong is a problem that says why', async () => {
  const { url, store } = await runningViewer();
  store.addSpans([makeSpan({ span: 1 }), makeSpan({ trace: 2, span: 1, serviceName: 'stock' })]);
  const list = await json<TraceList>(`${url}/api/traces?service=stock`);
  expect(list.traces.map((trace) => trace.traceId)).toEqual([traceId(2)]);
  expect(await json(`${url}/api/facets`)).toMatchObject({ services: ['shop', 'stock'] });
  expect(await json(`${url}/api/map`)).toMatchObject({ edges: [] });
  const refused = await fetch(`${url}/api/traces?limit=all`);
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { error: 'limit: expected a whole number from 1 to 1000, got all' },
  ]);
});

test.each([
  ['GET', `/api/traces/${traceId(9)}`, 404, 'is not here'],
  ['GET', '/api/traces/xyz', 400, 'trace id: expected 32 hex digits, got "xyz"'],
  ['GET', `/api/traces/${traceId(1)}/spans/${spanId(9)}`, 404, 'has no span'],
  ['GET', `/api/traces/${traceId(1)}/spans/1`, 400, 'span id: expected 16 hex digits, got "1"'],
  ['GET', `/api/traces/${traceId(1)}/other`, 404, 'there is no /api/traces/'],
  ['GET', '/api/none', 404, 'there is no /api/none'],
  ['DELETE', '/api/traces', 405, 'expected GET, got DELETE'],
  ['GET', '/api/import', 405, 'expected POST, got GET'],
])('%s %s is a problem of %i', async (method, path, status, message) => {
  const { url, store } = await runningViewer();
  store.addSpans([makeSpan({ span: 1 })]);
  const response = await fetch(`${url}${path}`, { method });
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
});

test.each([
  ['POST', '/', 'GET, HEAD'],
  ['PUT', '/healthz', 'GET, HEAD'],
  ['DELETE', '/api/traces', 'GET, HEAD'],
  ['GET', '/api/import', 'POST'],
  ['GET', '/v1/traces', 'POST'],
])('%s %s says what there is: %s', async (method, path, allowed) => {
  const { url } = await runningViewer();
  const { status, headers } = await fetch(`${url}${path}`, { method });
  expect([status, headers.get('allow')]).toEqual([405, allowed]);
});

test.each(['/', '/healthz', '/api/traces', '/api/map', '/api/events'])(
  'HEAD %s is its head, and ends',
  async (path) => {
    const { url } = await runningViewer();
    const asked = request(`${url}${path}`, { method: 'HEAD' }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    const get = await fetch(`${url}${path}`);
    await get.body?.cancel();
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      200,
      get.headers.get('content-type'),
    ]);
  },
);

test('a trace that one viewer gives as a file is the same in another', async () => {
  const one = await runningViewer();
  one.store.addSpans([
    makeSpan({ span: 1, resourceAttributes: { 'service.name': 'shop' }, attributes: { list: [1, 2] } }),
    makeSpan({
      span: 2,
      parent: 1,
      from: 1,
      serviceName: 'stock',
      resourceAttributes: { 'service.name': 'stock' },
      links: [linkTo(2, 5)],
    }),
  ]);
  one.store.addLogs([
    makeLog('of the span', {
      spanId: spanId(2),
      service: 'stock',
      attributes: { request_id: 'r-1', deep: { a: 1 } },
    }),
    makeLog('of the trace', { timeUnixNano: START + 1n }),
  ]);
  const file = await fetch(`${one.url}/api/traces/${traceId(1)}/otlp`);
  expect(file.headers.get('content-disposition')).toBe(`attachment; filename="trace-${traceId(1)}.json"`);

  const other = await runningViewer();
  const imported = await postJson(`${other.url}/api/import`, await file.text());
  expect((await imported.json()) as ImportResult).toEqual({
    traceIds: [traceId(1)],
    spans: 2,
    logs: 2,
    missingSpans: 0,
  });

  const [before, after] = await Promise.all(
    [one, other].map(({ url }) => json<TraceDetail>(`${url}/api/traces/${traceId(1)}`)),
  );
  expect(after).toEqual({ ...before, summary: { ...before!.summary, revision: expect.any(Number) } });
  const span = await json<SpanDetail>(`${other.url}/api/traces/${traceId(1)}/spans/${spanId(2)}`);
  expect(span.logs).toMatchObject([
    { message: 'of the span', attributes: { request_id: 'r-1', deep: '{"a":1}' } },
  ]);
});

test.each([
  ['no JSON', 'hello', 400, 'no JSON'],
  ['JSON of another kind', '{"spans":[]}', 400, 'no OTLP JSON'],
])('an import of %s is refused', async (_, body, status, message) => {
  const { url } = await runningViewer();
  const response = await postJson(`${url}/api/import`, body);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
});

test('an import says how many spans had no room, and what could not be read', async () => {
  const { url } = await runningViewer({ maxSpans: 3 });
  const files = [1, 2].map((trace) => {
    const one = new TraceStore();
    one.addSpans([makeSpan({ trace, span: 1 }), makeSpan({ trace, span: 2 })]);
    return traceFile(one.get(traceId(trace))!);
  });
  const text = `${files.join('\n')}\n{"resourceSp`;
  expect(await (await postJson(`${url}/api/import`, text)).json()).toEqual({
    traceIds: [traceId(1), traceId(2)],
    spans: 4,
    logs: 0,
    missingSpans: 2,
    leftOut: expect.stringMatching(/^line 3 breaks off and was left out: /),
  });
});

test('an import says that it is JSON', async () => {
  const { url } = await runningViewer();
  const response = await fetch(`${url}/api/import`, { method: 'POST', body: '{"resourceSpans":[]}' });
  expect([response.status, await response.json()]).toEqual([
    415,
    { error: 'content-type: expected application/json, got text/plain;charset=UTF-8' },
  ]);
});

test('a trace of 10,000 spans takes well under a second of a processor, that of the reader included', async () => {
  const { url, store } = await runningViewer();
  store.addSpans(
    Array.from({ length: 10_000 }, (_, index) =>
      makeSpan(
        index === 0 ? { span: 1 } : { span: index + 1, parent: Math.ceil(index / 3), from: index / 100 },
      ),
    ),
  );
  const began = process.cpuUsage();
  const { spans } = await json<TraceDetail>(`${url}/api/traces/${traceId(1)}`);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(700);
  expect(spans.id).toHaveLength(10_000);
});

test('a request that never ends its headers is cut off by the server, which has bounds for it', async () => {
  const { viewerServer } = await import('../src/viewer-server.ts');
  const { liveEvents } = await import('../src/live-events.ts');
  const { store } = await runningViewer();
  const live = liveEvents(store);
  const server = viewerServer({ store, live, host: '127.0.0.1', allowHosts: [], pageFolder: '/none' });
  live.close();
  expect(server.headersTimeout).toBeLessThanOrEqual(10_000);
  expect(server.requestTimeout).toBeLessThanOrEqual(60_000);
  expect(server.maxConnections).toBeLessThanOrEqual(512);
});

test('the page that is not built is said to be', async () => {
  const { openViewer } = await import('../src/open-viewer.ts');
  const viewer = await openViewer({ port: 0 }, '/none');
  try {
    const response = await fetch(viewer.url);
    expect([response.status, await response.json()]).toEqual([
      503,
      { error: expect.stringContaining('not built') },
    ]);
  } finally {
    await viewer.close();
  }
});

test('close cuts connections that are under way', async () => {
  const viewer = await runningViewer();
  const hanging = request(`${viewer.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  const cut = new Promise((resolve) => void hanging.on('error', resolve));
  await new Promise<void>((resolve) => void hanging.write('{', () => resolve()));
  await viewer.close();
  expect(await cut).toBeInstanceOf(Error);
});
