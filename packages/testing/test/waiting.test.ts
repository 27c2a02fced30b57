import { connect } from 'node:net';

import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { startOtlpReceiver } from '../src/index.ts';
import { spanCollection } from '../src/span-collection.ts';
import { hex, record } from './span-records.ts';

const hop = [record(1, undefined, 'root'), record(2, 1, 'call'), record(3, 2, 'work')];
const [root, call, work] = hop as [(typeof hop)[0], (typeof hop)[0], (typeof hop)[0]];

/** Whether a promise has settled by now, with every reaction that was due. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => void (settled = true);
  promise.then(note, note);
  await new Promise(setImmediate);
  return settled;
}

test('a trace is whole when its root and every parent are there', async () => {
  const { collected, add } = spanCollection();
  const whole = collected.waitForTrace();
  add([work]);
  add([root]);
  expect(await isSettled(whole)).toBe(false);
  add([call]);
  expect(await whole).toEqual([root, call, work]);
});

test('a trace is whole when it has as many spans as it should', async () => {
  const { collected, add } = spanCollection();
  const whole = collected.waitForTrace({ spanCount: 3 });
  add([root, call]);
  expect(await isSettled(whole)).toBe(false);
  add([work]);
  expect(await whole).toHaveLength(3);
});

test('a trace with too many spans is passed over where another may be meant', async () => {
  const { collected, add } = spanCollection();
  const whole = collected.waitForTrace({ spanCount: 2 });
  const other = [record(4, undefined, 'other', { trace: 2 }), record(5, 4, 'below', { trace: 2 })];
  add([...hop, ...other]);
  expect(await whole).toEqual(other);
});

test('a wait resolves at once with what is there already', async () => {
  const { collected, add } = spanCollection();
  add(hop);
  expect(await isSettled(collected.waitForTrace({ spanCount: 3 }))).toBe(true);
  expect(await isSettled(collected.waitForSpans(3))).toBe(true);
});

test('a wait can be for one trace, or for one that satisfies a condition', async () => {
  const { collected, add } = spanCollection();
  const other = record(4, undefined, 'other', { trace: 2 });
  add([other]);
  const byId = collected.waitForTrace({ traceId: root.traceId });
  const byName = collected.waitForTrace({ where: (spans) => spans.some(({ name }) => name === 'root') });
  expect(await isSettled(byId)).toBe(false);
  add(hop);
  expect(await byId).toEqual(hop);
  expect(await byName).toEqual(hop);
  expect(collected.traces()).toEqual([[other], hop]);
});

test('a declared remote parent is not waited for', async () => {
  const { collected, add } = spanCollection();
  add([call, work]);
  expect(await isSettled(collected.waitForTrace({ timeoutMillis: 1000 }).catch(() => undefined))).toBe(false);
  expect(await collected.waitForTrace({ remoteParents: [hex(1, 16)] })).toEqual([call, work]);
});

test('a span too many fails the wait at once', async () => {
  const { collected, add } = spanCollection();
  const whole = collected.waitForTrace({ traceId: root.traceId, spanCount: 2 });
  add(hop);
  await expect(whole).rejects.toThrow(/the whole trace 0{31}1 of 2 spans, but 3 spans arrived\.[^]*└─ work/);
});

test('a wait for spans is by number or by condition', async () => {
  const { collected, add } = spanCollection();
  const two = collected.waitForSpans(2);
  const named = collected.waitForSpans((spans) => spans.some(({ name }) => name === 'work'));
  add([root, call]);
  expect(await two).toEqual([root, call]);
  expect(await isSettled(named)).toBe(false);
  add([work]);
  expect(await named).toEqual(hop);
});

test('at the time limit a wait fails with what it waited for and a drawing of what arrived', async () => {
  const { collected, add } = spanCollection();
  add([root, work]);
  const failure = collected.waitForTrace({ spanCount: 3, timeoutMillis: 1 });
  await expect(failure).rejects.toThrowErrorMatchingInlineSnapshot(`
    [Error: Waited 1 ms for a whole trace of 3 spans.

    trace 00000000000000000000000000000001 · 2 spans · 98.0 ms
    shop  root  INTERNAL  98.0 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
    shop  work  INTERNAL  94.0 ms  ╺━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╸
             ↑ parent span 0000000000000002 not seen here]
  `);
  await expect(collected.waitForSpans(5, { timeoutMillis: 1 })).rejects.toThrow('Waited 1 ms for 5 spans.');
  collected.reset();
  await expect(collected.waitForTrace({ timeoutMillis: 1 })).rejects.toThrow('(no spans)');
});

test('a condition that throws fails the wait with its own message', async () => {
  const { collected, add } = spanCollection();
  const wrong = collected.waitForSpans(() => {
    throw new Error('no such service');
  });
  add([root]);
  await expect(wrong).rejects.toThrow('no such service');
});

test('reset forgets the spans', async () => {
  const { collected, add } = spanCollection();
  add(hop);
  collected.reset();
  expect(collected.spans).toEqual([]);
  expect(await isSettled(collected.waitForSpans(1, { timeoutMillis: 1000 }).catch(() => undefined))).toBe(
    false,
  );
});

test('closing the receiver fails the waits, those under way and later ones', async () => {
  const receiver = await startOtlpReceiver();
  const waiting = receiver.waitForTrace();
  await Promise.all([
    expect(waiting).rejects.toThrow('The receiver was closed while waiting for a whole trace.'),
    receiver.close(),
  ]);
  await expect(receiver.waitForSpans(1)).rejects.toThrow('The receiver was closed');
  await receiver.close();
});

test('after the senders have flushed, settled says that no more will come', async () => {
  await using receiver = await startOtlpReceiver();
  const provider = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` }))],
  });
  onTestFinished(() => provider.shutdown());
  for (let number = 0; number < 2000; number++) provider.getTracer('test').startSpan('work').end();
  await provider.forceFlush();
  await receiver.settled();
  expect(receiver.spans).toHaveLength(2000);
});

test('settled waits for an export that has begun', async () => {
  await using receiver = await startOtlpReceiver();
  const span = { traceId: root.traceId, spanId: root.spanId, name: 'late' };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const sender = connect(Number(new URL(receiver.url).port), '127.0.0.1');
  const head = `POST /v1/traces HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise<void>((written) => sender.write(head, () => written()));
  const settled = receiver.settled();
  // By the time this is answered, whatever else was sent before it has been seen.
  await fetch(receiver.url);
  sender.write(body);
  await settled;
  expect(receiver.spans).toHaveLength(1);
});

test('closing does not wait for an export that never ends', async () => {
  const receiver = await startOtlpReceiver();
  const sender = connect(Number(new URL(receiver.url).port), '127.0.0.1').on('error', () => undefined);
  await new Promise<void>((written) => sender.write('POST /v1/traces HTTP/1.1\r\n', () => written()));
  await fetch(receiver.url);
  await receiver.close();
  await expect(fetch(receiver.url)).rejects.toThrow('fetch failed');
});
