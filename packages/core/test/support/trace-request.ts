import type { SpanContext } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import protobuf from 'protobufjs/light.js';

import { otlpDescriptor } from '../../../otlp/src/otlp-descriptor.ts';

const root = protobuf.Root.fromJSON(otlpDescriptor);
const request = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');

/** One span of a request, as far as tests look at it. */
export type DecodedSpan = Readonly<Record<string, unknown>> & {
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  readonly links: readonly { readonly traceId: string }[];
};

export interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly DecodedSpan[] }[];
  }[];
}

/** An `ExportTraceServiceRequest` by the published definitions: ids and bytes in base64, longs as texts. */
export function decodedRequest(body: Uint8Array): DecodedRequest {
  const message = request.decode(body);
  return request.toObject(message, { longs: String, bytes: String, defaults: true }) as DecodedRequest;
}

/** The spans of a request, in their order. */
export function decodedSpans(body: Uint8Array): readonly DecodedSpan[] {
  return decodedRequest(body).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  );
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';
const RESOURCE = resourceFromAttributes({ 'service.name': 'test' });
const SCOPE = { name: 'test', version: '1.0.0' };

/** An ended span with these parts, all others as the SDK makes them. */
export function readableSpan({
  context,
  ...parts
}: Partial<ReadableSpan> & { readonly context?: Partial<SpanContext> } = {}): ReadableSpan {
  return {
    name: 'span',
    kind: 0,
    spanContext: () => ({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1, ...context }),
    startTime: [1_800_000_000, 1],
    endTime: [1_800_000_001, 999_999_999],
    status: { code: 0 },
    attributes: {},
    links: [],
    events: [],
    duration: [1, 999_999_998],
    ended: true,
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...parts,
  };
}
