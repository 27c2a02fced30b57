import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SpanKind } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';

import type { OtlpRequestError } from '@org/tracing-otlp';
import { answerSpanExport, readSpanExport, type SpanExport } from '../src/index.ts';

async function listen(collector: RequestListener): Promise<string> {
  const server = createServer(collector);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
}

test.each([
  ['json', JsonExporter],
  ['protobuf', ProtobufExporter],
] as const)('a collector of your own reads exports in %s', async (encoding, Exporter) => {
  const received: SpanExport[] = [];
  const url = await listen(async (request, response) => {
    received.push(await readSpanExport(request));
    answerSpanExport(response, encoding);
  });
  const exporter = new Exporter({ url });
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.getTracer('test').startSpan('work', { kind: SpanKind.CLIENT }).end();
  await provider.shutdown();
  expect(received).toMatchObject([{ encoding, spans: [{ name: 'work', kind: SpanKind.CLIENT }] }]);
});

test.each([
  ['application/json', '{}', '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"not wanted"}}'],
  // Field 1 of 14 bytes: its field 1, the number 1, and its field 2, 10 bytes of text.
  ['application/x-protobuf', '', '\n\u000E\b\u0001\u0012\nnot wanted'],
])('it may reject a part of an export of %s', async (type, body, answer) => {
  const url = await listen(async (request, response) => {
    const { encoding } = await readSpanExport(request);
    answerSpanExport(response, encoding, { rejected: 1, message: 'not wanted' });
  });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  expect(await response.text()).toBe(answer);
});

test('what is no export is refused with its status', async () => {
  const statuses: unknown[] = [];
  const url = await listen(async (request, response) => {
    await readSpanExport(request).catch((error: unknown) =>
      statuses.push((error as OtlpRequestError).status),
    );
    response.end();
  });
  await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' });
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'x' });
  expect(statuses).toEqual([415, 400]);
});
