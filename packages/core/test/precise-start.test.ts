import { context, type HrTime, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';

import { SpanPipeline } from '../src/sdk/span-pipeline.ts';

function tracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    spanProcessors: [new SpanPipeline([new SimpleSpanProcessor(exporter)], [])],
  });
  return { tracer: provider.getTracer('test'), spans: () => exporter.getFinishedSpans() };
}

function nanos([seconds, rest]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}

test('a child lies within its parent, to the microsecond', () => {
  const { tracer, spans } = tracing();
  for (let round = 0; round < 200; round++) {
    const parent = tracer.startSpan('parent');
    const child = tracer.startSpan('child', {}, trace.setSpan(context.active(), parent));
    // So that the two fall into different milliseconds now and then.
    for (const until = performance.now() + 0.05; performance.now() < until;);
    child.end();
    parent.end();
  }
  const outside = [];
  const all = spans();
  for (let index = 0; index < all.length; index += 2) {
    const [child, parent] = [all[index]!, all[index + 1]!];
    const fits =
      nanos(child.startTime) >= nanos(parent.startTime) && nanos(child.endTime) <= nanos(parent.endTime);
    if (!fits) outside.push([parent.startTime, child.startTime, child.endTime, parent.endTime]);
  }
  expect(outside).toEqual([]);
});

test('starts are on the wall clock and finer than a millisecond', () => {
  const { tracer, spans } = tracing();
  const before = Date.now();
  for (let round = 0; round < 10; round++) tracer.startSpan('span').end();
  const after = Date.now();
  const starts = spans().map((span) => Number(nanos(span.startTime)) / 1e6);
  expect(starts.some((start) => start % 1 !== 0)).toBe(true);
  for (const start of starts) {
    expect(start).toBeGreaterThan(before - 3);
    expect(start).toBeLessThan(after + 4);
  }
});

test('a start that the caller gave stays', () => {
  const { tracer, spans } = tracing();
  tracer.startSpan('span', { startTime: [1_700_000_000, 5] }).end([1_700_000_001, 0]);
  expect(spans()[0]?.startTime).toEqual([1_700_000_000, 5]);
});
