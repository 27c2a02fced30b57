import { expect, test } from 'vitest';

import { facetReader } from '../src/facets.ts';
import { traceLister } from '../src/trace-list.ts';
import { readListRequest } from '../src/trace-query.ts';
import { TraceStore } from '../src/trace-store.ts';
import { makeLog, makeSpan, traceId } from './make-span.ts';

const ORDERS = { 'http.route': '/orders/:id', 'http.response.status_code': 200, request_id: 'r-1' };

/** Trace 1 is an order, 2 one that failed, 3 a job without a root. */
function someTraces(): TraceStore {
  const store = new TraceStore();
  store.addSpans([
    makeSpan({ trace: 1, span: 1, name: 'GET /orders/:id', attributes: ORDERS, to: 30 }),
    makeSpan({
      trace: 1,
      span: 2,
      parent: 1,
      serviceName: 'stock',
      attributes: { sku: 'Anvil', sizes: [1, 2] },
    }),
    makeSpan({
      trace: 2,
      span: 1,
      name: 'POST /orders',
      from: 100,
      to: 400,
      attributes: { 'http.route': '/orders', 'http.response.status_code': 503 },
      status: { code: 2, message: 'Socket hang up (a.b)' },
      events: [{ name: 'exception', timeUnixNano: 0n, attributes: { 'exception.message': 'ECONNRESET' } }],
    }),
    makeSpan({ trace: 3, span: 2, parent: 1, name: 'pack', from: 50, to: 55, serviceName: 'worker' }),
  ]);
  store.addLogs([
    makeLog('order is packed', {
      traceId: traceId(3),
      attributes: { request_id: 'r-3', box: { size: 'Large' } },
    }),
  ]);
  return store;
}

/** Numbers of the traces that are listed. */
async function listed(query: string, store: TraceStore = someTraces()): Promise<number[]> {
  const { traces } = (await traceLister(store)(readListRequest(new URLSearchParams(query))))!;
  return traces.map((trace) => Number.parseInt(trace.traceId, 16));
}

test.each([
  ['', [2, 3, 1]],
  ['service=stock', [1]],
  ['service=sto', []],
  ['route=/orders', [2]],
  ['route=/orders/:id', [1]],
  ['route=pack', [3]],
  ['status=200', [1]],
  ['status=5xx', [2]],
  ['status=5XX', [2]],
  ['minMs=6', [2, 1]],
  ['maxMs=30', [3, 1]],
  ['minMs=5&maxMs=5.0', [3]],
  ['error=true', [2]],
  ['error=false', [3, 1]],
  ['requestId=r-1', [1]],
  ['requestId=r-3', [3]],
  ['requestId=r', []],
  ['attribute=sku=Anvil', [1]],
  ['attribute=sku=anvil', []],
  ['attribute=sku', [1]],
  ['attribute=http.route', [2, 1]],
  ['attribute=http.response.status_code=503', [2]],
  ['attribute=sizes=2', [1]],
  ['attribute=sizes=[1,2]', [1]],
  ['attribute=toString', []],
  ['attribute=sku&attribute=http.route=/orders', []],
  ['attribute=sku&attribute=http.route=/orders/:id', [1]],
  ['text=ANVIL', [1]],
  ['text=hang up (A.B)', [2]],
  ['text=hang up (axb)', []],
  ['text=econnreset', [2]],
  ['text=Worker', [3]],
  ['text=PACKED', [3]],
  ['text=large', [3]],
  ['text=pac', [3]],
  [`text=${traceId(2)}`, [2]],
  [`text=${traceId(2).slice(-8)}`, [2]],
  [`text=${traceId(2).slice(-4)}`, []],
  ['service=shop&error=false&text=orders', [1]],
  ['sort=oldest', [1, 3, 2]],
  ['sort=longest', [2, 1, 3]],
  ['sort=shortest', [3, 1, 2]],
  ['sort=spans', [1, 2, 3]],
  ['sort=errors', [2, 3, 1]],
  ['limit=1', [2]],
  ['service=&route=&status=&minMs=&error=&attribute=&text=&sort=&limit=', [2, 3, 1]],
])('the list of %j', async (query, expected) => {
  expect(await listed(query.replaceAll('+', '%2B'))).toEqual(expected);
});

test('a list tells how many match beyond its limit', async () => {
  const list = await traceLister(someTraces())(readListRequest(new URLSearchParams('limit=1&error=false')));
  expect(list).toMatchObject({
    traces: [{ traceId: traceId(3) }],
    matched: 2,
    counts: { traces: 3, spans: 4 },
  });
});

test('a search finds what has come to a trace since the search before', async () => {
  const store = someTraces();
  const list = traceLister(store);
  const search = readListRequest(new URLSearchParams('text=late&attribute=sku'));
  expect(await list(search)).toMatchObject({ matched: 0 });
  store.addSpans([makeSpan({ trace: 1, span: 9, parent: 1, name: 'too late' })]);
  expect(await list(search)).toMatchObject({ matched: 1 });
});

/** Two traces of 1,000 spans, of which none has what is searched for, and what one turn of a search takes is nothing. */
function longSearch() {
  const store = new TraceStore({ traces: 2 });
  for (const trace of [1, 2]) {
    store.addSpans(Array.from({ length: 1000 }, (_, span) => makeSpan({ trace, span: span + 1 })));
  }
  return { store, list: traceLister(store, 0), search: readListRequest(new URLSearchParams('text=nowhere')) };
}

test('a search lets others have their turn, within a trace too', async () => {
  const { list, search } = longSearch();
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    if (isOver) return;
    turns += 1;
    setImmediate(count);
  };
  setImmediate(count);
  expect(await list(search)).toMatchObject({ matched: 0 });
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(2 * Math.floor(1000 / 64) - 1);
});

test('a search that nobody waits for any more ends, and the next one has the use of it', async () => {
  const { list, search } = longSearch();
  let asked = 0;
  expect(await list(search, () => (asked += 1) > 1)).toBeUndefined();
  expect(asked).toBe(1);
  expect(await list(search)).toMatchObject({ matched: 0 });
});

test('what comes and goes during a search is told as it is at its end', async () => {
  const { store, list } = longSearch();
  const found = list(readListRequest(new URLSearchParams('text=span')));
  const late = list(readListRequest(new URLSearchParams('text=nowhere')));
  store.addSpans([makeSpan({ trace: 2, span: 2000, name: 'nowhere' })]);
  store.addSpans([makeSpan({ trace: 3, span: 1 })]);
  expect(await found).toMatchObject({ matched: 1, traces: [{ traceId: traceId(2) }] });
  expect(await late).toMatchObject({ matched: 1, traces: [{ traceId: traceId(2), spanCount: 1001 }] });
});

test.each([
  ['status=600', 'status: expected a status such as 404, or a class such as 5xx, got 600'],
  ['status=ok', 'status: expected a status'],
  ['minMs=fast', 'minMs: expected a number of milliseconds, 0 or more, got fast'],
  ['maxMs=-1', 'maxMs: expected a number'],
  ['minMs=5&maxMs=4', 'maxMs: expected at least the 5 of minMs, got 4'],
  ['error=yes', 'error: expected true or false, got yes'],
  ['attribute==1', 'attribute: expected key=value, or a key alone, got =1'],
  ['sort=name', 'sort: expected one of newest, oldest, longest, shortest, spans, errors, got name'],
  ['limit=0', 'limit: expected a whole number from 1 to 1000, got 0'],
  ['limit=1001', 'limit: expected'],
  ['limit=1e2', 'limit: expected'],
  ['service=a&service=b', 'service: expected one value, got several'],
  ['servise=a', 'servise: expected one of the filters service, route,'],
])('%j is refused with what was expected', (query, message) => {
  expect(() => readListRequest(new URLSearchParams(query))).toThrow(message);
  expect(() => readListRequest(new URLSearchParams(query))).toThrow(expect.objectContaining({ status: 400 }));
});

test('the facets are what filters can choose from, and go with the traces', () => {
  const store = someTraces();
  const facets = facetReader(store);
  expect(facets()).toEqual({
    services: ['shop', 'stock', 'worker'],
    routes: ['/orders', '/orders/:id'],
    statuses: [200, 503],
    attributeKeys: ['http.response.status_code', 'http.route', 'request_id', 'sizes', 'sku'],
  });
  store.addSpans([makeSpan({ trace: 3, span: 9, attributes: { late: true } })]);
  expect(facets().attributeKeys).toContain('late');
});
