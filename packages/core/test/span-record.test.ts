import { type HrTime, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { toSpanRecord } from '../src/span-record-from-sdk.ts';

function startTracing() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'inventory', 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  onTestFinished(() => provider.shutdown());
  return { exporter, tracer: provider.getTracer('orders', '4.5.6') };
}

test('a span of the SDK becomes a neutral record with ids, times in nanoseconds and everything set on it', () => {
  const { exporter, tracer } = startTracing();
  const elsewhere = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: 1 };
  const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
  const span = tracer.startSpan(
    'SELECT stock',
    {
      kind: SpanKind.CLIENT,
      startTime: [1_700_000_000, 123_456_789],
      attributes: { 'db.system.name': 'postgresql' },
      links: [{ context: elsewhere, attributes: { reason: 'batch' } }],
    },
    trace.setSpanContext(ROOT_CONTEXT, parent),
  );
  span.addEvent('retry', { attempt: 2 }, [1_700_000_000, 200_000_000]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'no such table' });
  span.end([1_700_000_001, 5]);

  expect(exporter.getFinishedSpans().map(toSpanRecord)).toEqual([
    {
      traceId: parent.traceId,
      spanId: span.spanContext().spanId,
      parentSpanId: parent.spanId,
      name: 'SELECT stock',
      kind: SpanKind.CLIENT,
      startTimeUnixNano: 1_700_000_000_123_456_789n,
      endTimeUnixNano: 1_700_000_001_000_000_005n,
      attributes: { 'db.system.name': 'postgresql' },
      events: [{ name: 'retry', timeUnixNano: 1_700_000_000_200_000_000n, attributes: { attempt: 2 } }],
      links: [{ traceId: elsewhere.traceId, spanId: elsewhere.spanId, attributes: { reason: 'batch' } }],
      status: { code: SpanStatusCode.ERROR, message: 'no such table' },
      serviceName: 'inventory',
      resourceAttributes: { 'service.name': 'inventory', 'service.version': '1.2.3' },
      scope: { name: 'orders', version: '4.5.6' },
    },
  ]);
});

test('a root span has no parent id in its record', () => {
  const { exporter, tracer } = startTracing();
  tracer.startSpan('root').end();
  expect(exporter.getFinishedSpans().map(toSpanRecord)[0]).not.toHaveProperty('parentSpanId');
});

test('times that an application gave with fractions, or that are no numbers, still make a record', () => {
  const { exporter, tracer } = startTracing();
  tracer.startSpan('odd', { startTime: [1.6, 0.4] as HrTime }).end([Number.NaN, 0]);
  const record = exporter.getFinishedSpans().map(toSpanRecord)[0];
  expect(record?.startTimeUnixNano).toBe(2_000_000_000n);
  expect(typeof record?.endTimeUnixNano).toBe('bigint');
});
