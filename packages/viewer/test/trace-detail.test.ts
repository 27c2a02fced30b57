import { expect, test } from 'vitest';

import { traceDetail } from '../src/trace-detail.ts';
import { TraceStore } from '../src/trace-store.ts';
import { makeLog, makeSpan, spanId, START, traceId } from './make-span.ts';

test('a trace is told as columns in the order of its tree', () => {
  const store = new TraceStore();
  store.addSpans([
    makeSpan({ span: 4, parent: 2, from: 5, to: 5.0015 }),
    makeSpan({ span: 3, parent: 1, from: 20, name: 'twice', serviceName: 'stock' }),
    makeSpan({ span: 2, parent: 1, from: 1, name: 'twice', links: [] }),
    makeSpan({ span: 1, to: 50 }),
    makeSpan({ span: 6, parent: 99, from: 60, status: { code: 2 } }),
  ]);
  store.addLogs([
    makeLog('second', { timeUnixNano: START + 2n }),
    makeLog('first'),
    makeLog('of a span', { spanId: spanId(3) }),
    makeLog('of none here', { spanId: spanId(77), timeUnixNano: START + 3n }),
  ]);
  const { summary, ...detail } = traceDetail(store.get(traceId(1))!, store);
  expect(summary.logCount).toBe(4);
  expect(detail).toEqual({
    startTimeUnixNano: String(START),
    services: ['shop', 'stock'],
    names: ['span 1', 'twice', 'span 4', 'span 6'],
    spans: {
      id: [1, 2, 4, 3, 6].map(spanId),
      parent: [-1, 0, 1, 0, -1],
      service: [0, 0, 0, 1, 0],
      name: [0, 1, 2, 1, 3],
      kind: [0, 0, 0, 0, 0],
      startUs: [0, 1000, 5000, 20_000, 60_000],
      durationUs: [50_000, 10_000, 1.5, 10_000, 10_000],
      status: [0, 0, 0, 0, 2],
      logs: [0, 0, 0, 1, 0],
      links: [0, 0, 0, 0, 0],
      orphan: [0, 0, 0, 0, 1],
    },
    related: [],
    looseLogs: [expect.objectContaining({ message: 'first' }), expect.anything(), expect.anything()],
  });
  expect(detail.looseLogs.map(({ message }) => message)).toEqual(['first', 'second', 'of none here']);
});

test('spans that are each other’s ancestors are all there, below the first of them', () => {
  const store = new TraceStore();
  store.addSpans([makeSpan({ span: 1, parent: 2 }), makeSpan({ span: 2, parent: 1, from: 1 })]);
  const { spans } = traceDetail(store.get(traceId(1))!, store);
  expect([spans.id, spans.parent, spans.orphan]).toEqual([[1, 2].map(spanId), [-1, 0], [2, 0]]);
});

test.each(['a chain', 'siblings'])('100,000 spans are told, as %s', (shape) => {
  const store = new TraceStore();
  const count = 100_000;
  const parent = (span: number) => (shape === 'a chain' ? span - 1 : 1);
  store.addSpans(
    Array.from({ length: count }, (_, index) => {
      const span = count - index;
      return makeSpan(span === 1 ? { span } : { span, parent: parent(span), from: span / 100 });
    }),
  );
  const { spans } = traceDetail(store.get(traceId(1))!, store);
  expect(spans.id).toHaveLength(count);
  expect([spans.id[0], spans.id.at(-1)]).toEqual([spanId(1), spanId(count)]);
  expect(spans.parent.at(-1)).toBe(shape === 'a chain' ? count - 2 : 0);
});
