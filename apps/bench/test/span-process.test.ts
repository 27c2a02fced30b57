import { expect, onTestFinished, test } from 'vitest';

import { someAttributes } from '../src/alone/span-attributes.ts';
import { startSpanProcess, type SpanProcess } from '../src/alone/span-process.ts';
import { refusedUrl, startSpanSink } from '../src/alone/span-sink.ts';

const attributes = someAttributes(3);

async function kitProcess(url: string, queueSize: number): Promise<SpanProcess> {
  const started = await startSpanProcess(process.execPath, 'kit', { url, form: 'protobuf', queueSize });
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

test('every span that is made has reached the sink when the order is answered', async () => {
  const sink = await startSpanSink();
  onTestFinished(() => sink[Symbol.asyncDispose]());
  const spans = await kitProcess(sink.url, 2048);
  const cost = await spans.cost({ ask: 'send', spans: 1500, attributes });
  expect((await sink.delivered()).spans).toBe(1500);
  expect(cost.make).toBeGreaterThan(0);
  expect(cost.send).toBeGreaterThan(0);
  expect((await sink.delivered()).spans).toBe(0);
});

test('spans that cannot be sent wait, and are in the memory of the process', async () => {
  const spans = await kitProcess(await refusedUrl(), 30_000);
  await spans.cost({ ask: 'make', spans: 1000, attributes });
  const before = await spans.residentBytes();
  await spans.cost({ ask: 'make', spans: 28_000, attributes });
  // A kilobyte each, more or less.
  expect(await spans.residentBytes()).toBeGreaterThan(before + 28_000 * 200);
});

test('some attributes are as many as were asked for, texts and numbers', () => {
  expect(Object.keys(someAttributes(50))).toHaveLength(50);
  expect(someAttributes(3)).toEqual({
    'app.attribute.0': 'value of attribute 0',
    'app.attribute.1': 'value of attribute 1',
    'app.attribute.2': 2000,
  });
});
