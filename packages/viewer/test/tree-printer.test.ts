import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import { SpanKind } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';

import { looksWhole } from '../src/trace-completeness.ts';
import { TraceStore } from '../src/trace-store.ts';
import { treePrinter } from '../src/tree-printer.ts';
import { makeLog, makeSpan, spanId, type SpanSketch, traceId } from './make-span.ts';

const { CLIENT, SERVER } = SpanKind;

function whole(...sketches: SpanSketch[]): boolean {
  const store = new TraceStore();
  store.addSpans(sketches.map(makeSpan));
  return looksWhole(store.get(traceId(1))!);
}

test('a trace looks whole when its root is there, every parent, and the answer to every call', () => {
  const root = { span: 1, kind: SERVER };
  const call = { span: 2, parent: 1, kind: CLIENT, attributes: { 'server.address': 'b' } };
  expect(whole(root)).toBe(true);
  expect(whole({ span: 2, parent: 1 })).toBe(false);
  expect(whole(root, { span: 3, parent: 2 })).toBe(false);
  expect(whole(root, call)).toBe(false);
  expect(whole(root, call, { span: 3, parent: 2, kind: SERVER })).toBe(true);
  expect(whole(root, { ...call, attributes: { 'db.system.name': 'postgresql' } })).toBe(true);
  expect(whole(root, { ...call, attributes: { 'error.type': 'ECONNREFUSED' } })).toBe(true);
});

interface Printing {
  readonly store: TraceStore;
  /** The next text that is printed. */
  next(): Promise<string>;
}

/** Patience that no test could wait for, unless it says so. */
function printing({ quietMs = 0, patienceMs = 1e9 } = {}): Printing {
  const store = new TraceStore();
  const screen = new PassThrough({ encoding: 'utf8' });
  const printer = treePrinter(store, (text) => screen.write(text), {}, { quietMs, patienceMs });
  onTestFinished(() => printer.close());
  return { store, next: async () => String((await once(screen, 'data'))[0]) };
}

test('a whole trace is printed once it is quiet, one that lacks something only after more patience', async () => {
  const { store, next } = printing();
  store.addSpans([
    makeSpan({ trace: 1, span: 2, parent: 1 }),
    makeSpan({ trace: 2, span: 1, name: 'whole' }),
  ]);
  expect(await next()).toMatch(/^trace 0+2 · 1 span · .*\nshop {2}whole/);
  store.addSpans([makeSpan({ trace: 1, span: 1, name: 'the root' })]);
  expect(await next()).toMatch(/^trace 0+1 · 2 spans .*\nshop {2}the root .*\nshop {2}└─ span 2/);

  const impatient = printing({ patienceMs: 1 });
  impatient.store.addSpans([makeSpan({ span: 2, parent: 1 })]);
  expect(await impatient.next()).toContain('its root has not come\n');
});

test('log lines are printed beneath their spans by time, and with late spans only theirs', async () => {
  const { store, next } = printing();
  store.addLogs([
    makeLog('second', { spanId: spanId(1), timeUnixNano: 2n }),
    makeLog('first', { spanId: spanId(1), timeUnixNano: 1n }),
  ]);
  store.addSpans([makeSpan({ span: 1 })]);
  expect(await next()).toMatch(/first\n.*second\n/);
  store.addLogs([makeLog('of the late one', { spanId: spanId(2) })]);
  store.addSpans([makeSpan({ span: 2, parent: 1 }), makeSpan({ span: 3, parent: 1 })]);
  const late = await next();
  expect(late).toContain('2 late spans of a trace printed above');
  expect(late).toContain('of the late one');
  expect(late).not.toContain('first');
});

test('past a thousand traces that wait the oldest are printed as they are', async () => {
  const { store, next } = printing();
  store.addSpans(Array.from({ length: 1001 }, (_, trace) => makeSpan({ trace, span: 2, parent: 1 })));
  expect(await next()).toMatch(/^trace 0{32} .*its root has not come/);
});

test('an exception whose message is an object is printed as JSON', async () => {
  const { store, next } = printing();
  const attributes = { exception: { message: { toString: 1 } } };
  store.addLogs([makeLog('refused', { spanId: spanId(1), attributes })]);
  store.addSpans([makeSpan({ span: 1 })]);
  expect(await next()).toContain('refused: {"toString":1}\n');
});
