import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { initTracing } from '@org/tracing-core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { collectSpans, spanCollector } from '../src/index.ts';

test('spans of this process are collected as records', async () => {
  await using spans = collectSpans({ serviceName: 'shop', resourceAttributes: { team: 'a' } });
  const tracer = trace.getTracer('scope', '1.0.0');
  const ids = tracer.startActiveSpan('parent', (parent) => {
    tracer.startSpan('child', { attributes: { n: 1 } }).end();
    parent.end();
    return parent.spanContext();
  });
  expect(spans.spans).toEqual([
    {
      traceId: ids.traceId,
      spanId: expect.any(String),
      parentSpanId: ids.spanId,
      name: 'child',
      kind: 0,
      startTimeUnixNano: expect.any(BigInt),
      endTimeUnixNano: expect.any(BigInt),
      attributes: { n: 1 },
      events: [],
      links: [],
      status: { code: 0 },
      serviceName: 'shop',
      resourceAttributes: { 'service.name': 'shop', team: 'a' },
      scope: { name: 'scope', version: '1.0.0' },
    },
    expect.objectContaining({ name: 'parent', spanId: ids.spanId }),
  ]);
});

test('started and ended are counted, and settled waits until they are equal', async () => {
  await using spans = collectSpans();
  const first = spans.tracer.startSpan('first');
  const second = spans.tracer.startSpan('second');
  first.end();
  expect([spans.started, spans.ended]).toEqual([2, 1]);
  await expect(spans.settled({ timeoutMillis: 1 })).rejects.toThrow(
    'Waited 1 ms for every span to end; still open: "second".',
  );
  const settled = spans.settled();
  second.end();
  await settled;
  expect([spans.started, spans.ended]).toEqual([2, 2]);
  spans.reset();
  expect([spans.started, spans.ended, spans.spans]).toEqual([0, 0, []]);
});

test('context crosses an await and travels in W3C headers', async () => {
  await using spans = collectSpans();
  await spans.tracer.startActiveSpan('work', async (span) => {
    await new Promise(setImmediate);
    const headers: Record<string, string> = {};
    const baggage = propagation.createBaggage({ tenant: { value: 'a' } });
    propagation.inject(propagation.setBaggage(context.active(), baggage), headers);
    const { traceId, spanId } = span.spanContext();
    expect(headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, baggage: 'tenant=a' });
    span.end();
  });
});

test('closing takes everything out of the API, and another may follow', async () => {
  const first = collectSpans();
  await first.close();
  trace.getTracer('test').startSpan('lost').end();
  expect(first.spans).toEqual([]);
  const remote = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  const withSpan = trace.setSpanContext(ROOT_CONTEXT, remote);
  const carrier = {};
  propagation.inject(withSpan, carrier);
  expect(carrier).toEqual({});
  expect(context.with(withSpan, () => context.active())).toBe(ROOT_CONTEXT);
  await using second = collectSpans();
  trace.getTracer('test').startSpan('kept').end();
  expect(second.spans).toHaveLength(1);
});

test('a provider that is registered already is an error', async () => {
  new NodeTracerProvider().register();
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  expect(() => collectSpans()).toThrow('another tracer provider is registered already');
});

test('a collector plugs into initTracing', async () => {
  const collector = spanCollector();
  const tracing = initTracing({
    serviceName: 'shop',
    spanProcessors: [collector.processor],
    exporter: 'none',
  });
  onTestFinished(() => tracing.shutdown());
  tracing.tracer.startSpan('work').end();
  expect(await collector.waitForTrace()).toMatchObject([{ name: 'work', serviceName: 'shop' }]);
});
