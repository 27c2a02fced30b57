import { SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';

import { spanDetail } from '../src/span-detail.ts';
import { traceDetail } from '../src/trace-detail.ts';
import { type StoreListener, TraceStore } from '../src/trace-store.ts';
import { linkTo, makeLog, makeSpan, spanId, traceId } from './make-span.ts';

const ERROR = { code: SpanStatusCode.ERROR };

function summaryOf(store: TraceStore, trace = 1) {
  return store.get(traceId(trace))?.summary();
}

test('spans in any order, over several calls, become one summary', () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 3, parent: 2, from: 20, to: 95, serviceName: 'stock', status: ERROR })]);
  store.addSpans([makeSpan({ span: 2, parent: 1, from: 10, to: 30, attributes: { request_id: 'r-1' } })]);
  expect(summaryOf(store)).toMatchObject({ name: 'span 2', whole: false });
  store.addSpans([
    makeSpan({ span: 1, name: 'POST /orders', attributes: { 'http.response.status_code': 503 }, to: 90 }),
  ]);
  expect(summaryOf(store)).toEqual({
    traceId: traceId(1),
    name: 'POST /orders',
    service: 'shop',
    startMs: 1_700_000_000_000,
    durationMs: 95,
    spanCount: 3,
    errorCount: 1,
    logCount: 0,
    services: [
      { name: 'shop', spans: 2 },
      { name: 'stock', spans: 1 },
    ],
    httpStatus: 503,
    requestId: 'r-1',
    whole: true,
    revision: 3,
  });
});

test('a span that comes twice is kept once, the first of both', () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 1, name: 'first' }), makeSpan({ span: 1, name: 'second' })]);
  const { revision } = summaryOf(store)!;
  store.addSpans([makeSpan({ span: 1, name: 'third' })]);
  expect(summaryOf(store)).toMatchObject({ name: 'first', spanCount: 1, revision });
  expect(store.counts()).toMatchObject({ spans: 1, evictedSpans: 0 });
});

test.each([
  ['traces', { traces: 2 }],
  ['spans', { spans: 4 }],
  ['bytes', { bytes: 3500 }],
])('past the limit of %s the trace that came first goes, and is counted', (_, limits) => {
  const store = new TraceStore(limits);
  for (const trace of [1, 2, 3]) {
    store.addSpans([makeSpan({ trace, span: 1 }), makeSpan({ trace, span: 2, parent: 1 })]);
  }
  expect([...store.traces()].map((trace) => trace.traceId)).toEqual([traceId(2), traceId(3)]);
  expect(store.counts()).toMatchObject({ traces: 2, spans: 4, evictedTraces: 1, evictedSpans: 2 });
});

test('what has gone takes its bytes and log lines with it', () => {
  const store = new TraceStore({ traces: 1 });
  store.addSpans([makeSpan({ span: 1 })]);
  const alone = store.counts();
  store.addLogs([makeLog('a long line'.repeat(100))]);
  expect(store.counts().bytes).toBeGreaterThan(alone.bytes + 1000);
  store.addSpans([makeSpan({ trace: 2, span: 1 })]);
  expect(store.counts()).toEqual({ ...alone, evictedTraces: 1, evictedSpans: 1, evictedLogs: 1 });
});

test.each([
  ['resource', () => ({ resourceAttributes: { host: 'h'.repeat(10_000) } })],
  ['scope', () => ({ scope: { name: 's'.repeat(10_000) } })],
  ['status', () => ({ status: { ...ERROR, message: 'm'.repeat(10_000) } })],
])('the %s of each span counts as memory', (_, rest) => {
  const store = new TraceStore({ bytes: 50_000 });
  for (const trace of [1, 2, 3, 4, 5, 6]) store.addSpans([makeSpan({ trace, span: 1, ...rest() })]);
  expect(store.counts()).toMatchObject({ traces: 4, evictedTraces: 2 });
});

test('a resource that the spans or the log lines of a batch share counts once, and goes with its trace', () => {
  const store = new TraceStore({ traces: 1 });
  const resourceAttributes = { host: 'h'.repeat(10_000) };
  store.addSpans([1, 2, 3, 4].map((span) => makeSpan({ span, resourceAttributes })));
  expect(store.counts().bytes).toBeGreaterThan(10_000);
  expect(store.counts().bytes).toBeLessThan(20_000);
  store.addLogs(['one', 'two'].map((message) => makeLog(message, { resource: resourceAttributes })));
  expect(store.counts().bytes).toBeGreaterThan(20_000);
  expect(store.counts().bytes).toBeLessThan(30_000);
  store.addSpans([makeSpan({ trace: 2, span: 1 })]);
  expect(store.counts().bytes).toBeLessThan(1000);
});

test('the resources of log lines that wait count as memory', () => {
  const store = new TraceStore({ bytes: 16 * 50_000 });
  for (const trace of [1, 2, 3, 4, 5, 6]) {
    store.addLogs([makeLog('x', { traceId: traceId(trace), resource: { host: 'h'.repeat(10_000) } })]);
  }
  for (const trace of [1, 2, 3]) store.addSpans([makeSpan({ trace, span: 1 })]);
  expect([1, 2, 3].map((trace) => summaryOf(store, trace)?.logCount)).toEqual([0, 0, 1]);
});

test('a request_id of a log line that is an object is none', () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 1 })]);
  store.addLogs([makeLog('ready', { attributes: { request_id: { toString: 1 } } })]);
  expect(summaryOf(store)?.requestId).toBeUndefined();
  expect(summaryOf(store)?.logCount).toBe(1);
});

test('a trace that alone is past the limit stays as it is, and the spans that it cannot have are counted', () => {
  const store = new TraceStore({ spans: 3 });
  store.addSpans([1, 2, 3, 4, 5].map((span) => makeSpan({ span })));
  store.addSpans([makeSpan({ span: 1 })]);
  expect(store.counts()).toMatchObject({ traces: 1, spans: 3, evictedTraces: 0, evictedSpans: 2 });
  store.addSpans([makeSpan({ trace: 2, span: 1 })]);
  expect(store.counts()).toMatchObject({ traces: 1, spans: 1, evictedTraces: 1, evictedSpans: 5 });
});

test('log lines wait for their trace; of too many those go whose trace has not come for longest', () => {
  const store = new TraceStore();
  for (let line = 0; line <= 10_000; line += 1) {
    store.addLogs([makeLog(`line ${line}`, { traceId: traceId(line) })]);
  }
  expect(store.counts()).toMatchObject({ logs: 0, traces: 0 });
  for (const trace of [0, 1, 10_000]) store.addSpans([makeSpan({ trace, span: 1 })]);
  expect([0, 1, 10_000].map((trace) => summaryOf(store, trace)?.logCount)).toEqual([0, 1, 1]);
  expect(store.counts()).toMatchObject({ logs: 2, evictedLogs: 1 });
});

test('log lines that a full trace cannot have are counted', () => {
  const store = new TraceStore({ spans: 1 });
  store.addSpans([makeSpan({ span: 1 })]);
  store.addLogs([makeLog('one'), makeLog('two')]);
  expect(store.counts()).toMatchObject({ logs: 0, evictedLogs: 2 });
});

test('a log line that comes later changes the trace, and brings its request_id', () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 1 })]);
  store.addLogs([makeLog('ready', { attributes: { request_id: 'r-2' } })]);
  expect(summaryOf(store)).toMatchObject({ logCount: 1, requestId: 'r-2', revision: 2 });
});

test('links lead both ways, whichever of the two traces comes first', () => {
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    const store = new TraceStore();
    for (const trace of order) {
      store.addSpans([makeSpan({ trace, span: 7, links: trace === 2 ? [linkTo(1, 7), linkTo(9, 1)] : [] })]);
    }
    const [one, two] = [store.get(traceId(1))!, store.get(traceId(2))!];
    expect(traceDetail(one, store).related).toEqual([{ traceId: traceId(2), known: true, to: false }]);
    expect(traceDetail(two, store).related).toEqual([
      { traceId: traceId(1), known: true, to: true },
      { traceId: traceId(9), known: false, to: true },
    ]);
    expect(spanDetail(one, one.spans.get(spanId(7))!, store).linkedFrom).toEqual([
      { traceId: traceId(2), spanId: spanId(7), attributes: {}, known: true },
    ]);
  }
});

test('a trace changes when one that it is linked with comes or goes', () => {
  const store = new TraceStore({ traces: 2 });
  const changed: string[] = [];
  const listener: StoreListener = {
    changed: (trace) => changed.push(trace.traceId),
    gone: (id) => changed.push(`gone ${id}`),
  };
  store.addSpans([makeSpan({ trace: 1, span: 1 })]);
  store.listen(listener);
  store.addSpans([makeSpan({ trace: 2, span: 1, links: [linkTo(1, 1)] })]);
  expect(changed.splice(0).toSorted()).toEqual([traceId(1), traceId(2)]);
  store.addSpans([makeSpan({ trace: 3, span: 1 })]);
  expect(changed.splice(0).toSorted()).toEqual([traceId(2), traceId(3), `gone ${traceId(1)}`]);
  const two = store.get(traceId(2))!;
  expect(traceDetail(two, store).related).toEqual([{ traceId: traceId(1), known: false, to: true }]);
  store.addSpans([makeSpan({ trace: 4, span: 1 })]);
  expect([...store.tracesTo(traceId(1))]).toEqual([]);
});

test('a trace that has gone and comes again has a greater revision than before', () => {
  const store = new TraceStore({ traces: 1 });
  store.addSpans([makeSpan({ trace: 1, span: 1 })]);
  const before = summaryOf(store)!.revision;
  store.addSpans([makeSpan({ trace: 2, span: 1 })]);
  store.addSpans([makeSpan({ trace: 1, span: 2 })]);
  expect(summaryOf(store)!.revision).toBeGreaterThan(before);
});
