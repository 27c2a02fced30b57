import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from '../src/index.ts';

async function receiver(options?: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const started = await startOtlpReceiver(options);
  onTestFinished(() => started.close());
  return started;
}

/** Exports one span that has something of everything, and returns its ids. */
async function exportSpan(exporter: SpanExporter): Promise<{ traceId: string; spanId: string }> {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  onTestFinished(() => provider.shutdown());
  const linked = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
  const span = provider.getTracer('scope', '4.5.6').startSpan('GET /users/:id', {
    kind: SpanKind.SERVER,
    startTime: [1_700_000_000, 123_456_789],
    attributes: { text: 'ü', integer: -7, double: 1.5, flag: false, list: ['a', 'b'], empty: [] },
    links: [{ context: linked, attributes: { why: 'batch' } }],
  });
  span.addEvent('exception', { 'exception.type': 'TypeError' }, [1_700_000_000, 223_456_789]);
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
  span.end([1_700_000_001, 5]);
  await provider.forceFlush();
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

const exporters = {
  protobuf: (url: string) => new ProtobufExporter({ url }),
  'protobuf, gzip': (url: string) => new ProtobufExporter({ url, compression: 'gzip' as never }),
  json: (url: string) => new JsonExporter({ url }),
  'json, gzip': (url: string) => new JsonExporter({ url, compression: 'gzip' as never }),
};

for (const [name, exporter] of Object.entries(exporters)) {
  test(`a span of the real exporter arrives whole: ${name}`, async () => {
    const { url, spans, exports } = await receiver();
    const ids = await exportSpan(exporter(`${url}/v1/traces`));
    expect(spans).toEqual([
      {
        ...ids,
        name: 'GET /users/:id',
        kind: SpanKind.SERVER,
        startTimeUnixNano: 1_700_000_000_123_456_789n,
        endTimeUnixNano: 1_700_000_001_000_000_005n,
        attributes: { text: 'ü', integer: -7, double: 1.5, flag: false, list: ['a', 'b'], empty: [] },
        events: [
          {
            name: 'exception',
            timeUnixNano: 1_700_000_000_223_456_789n,
            attributes: { 'exception.type': 'TypeError' },
          },
        ],
        links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: { why: 'batch' } }],
        status: { code: SpanStatusCode.ERROR, message: 'broken' },
        serviceName: 'shop',
        resourceAttributes: { 'service.name': 'shop', 'service.version': '1.2.3' },
        scope: { name: 'scope', version: '4.5.6' },
      },
    ]);
    expect(exports[0]?.headers['content-encoding']).toBe(name.endsWith('gzip') ? 'gzip' : undefined);
  });
}

test('the receiver settles when every request that was sent has been answered, also those that were cut', async () => {
  const { url, spans, exports, settled } = await receiver();
  const leave = new AbortController();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('{"resource')),
    pull: () => leave.abort(),
  });
  const left = fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    duplex: 'half',
    signal: leave.signal,
  });
  await expect(left).rejects.toThrow('aborted');
  await settled();
  await exportSpan(new JsonExporter({ url: `${url}/v1/traces` }));
  await settled();
  expect([spans.length, exports.length]).toEqual([1, 1]);
});

test('a body past the limit is refused with 413, and log records are kept beside the spans', async () => {
  const { url, logs } = await receiver({ bodyLimitBytes: 200 });
  const post = (logRecords: object[]): Promise<Response> =>
    fetch(`${url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }),
    });
  expect((await post([{ body: { stringValue: 'x'.repeat(200) } }])).status).toBe(413);
  expect((await post([{ body: { stringValue: 'small' } }])).status).toBe(200);
  expect(logs).toMatchObject([{ body: 'small' }]);
});
