import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { writeAttributes } from './otlp-attributes.ts';
import { writeSpan } from './otlp-span-writer.ts';
import { ProtobufBuffer } from './protobuf-buffer.ts';
import { ProtobufKeys } from './protobuf-keys.ts';
import { writeText } from './protobuf-text.ts';
import { spansByScope } from './spans-by-scope.ts';

type Resource = ReadableSpan['resource'];
/** With what providers beyond the SDK of today know of it. */
type Scope = ReadableSpan['instrumentationScope'] & {
  readonly attributes?: Attributes;
  readonly droppedAttributesCount?: number;
};

/** Bytes of a span that are expected before one was written, and of a request beside its spans. */
const FIRST_SPAN_BYTES = 512;
const REQUEST_BYTES = 4096;
/** Room for spans that are larger than those of the last request. */
const SPARE = 1.25;
/** Bytes that are asked for at first at most: one huge span says nothing about the others. */
const FIRST_SIZE_AT_MOST = 1024 * 1024;

/** Bytes of the length of a batch of some 30 spans and more. */
const BATCH_LENGTH_BYTES = 3;

/**
 * Makes the function that writes spans as an `ExportTraceServiceRequest` of
 * opentelemetry/proto/collector/trace/v1/trace_service.proto, grouped by resource and scope, in one pass. What it returns
 * is the caller's alone.
 *
 * @returns A function that throws where a span cannot be written.
 */
export function otlpTraceWriter(): (spans: readonly ReadableSpan[]) => Uint8Array {
  const keys = new ProtobufKeys();
  let spanBytes = FIRST_SPAN_BYTES;
  return (spans) => {
    const expected = spans.length * spanBytes * SPARE + REQUEST_BYTES;
    const out = new ProtobufBuffer(Math.min(Math.ceil(expected), FIRST_SIZE_AT_MOST), keys);
    for (const [resource, scopes] of spansByScope(spans)) writeResourceSpans(out, 0x0a, resource, scopes);
    const request = out.finish();
    spanBytes = request.length / Math.max(1, spans.length);
    return request;
  };
}

function writeResourceSpans(
  out: ProtobufBuffer,
  tag: number,
  resource: Resource,
  scopes: ReadonlyMap<Scope, readonly ReadableSpan[]>,
): void {
  const start = out.open(tag, BATCH_LENGTH_BYTES);
  const resourceStart = out.open(0x0a, 1);
  writeAttributes(out, 0x0a, resource.attributes);
  out.close(resourceStart, 1);
  for (const [scope, spans] of scopes) writeScopeSpans(out, 0x12, scope, spans);
  if (resource.schemaUrl) writeText(out, 0x1a, resource.schemaUrl);
  out.close(start, BATCH_LENGTH_BYTES);
}

function writeScopeSpans(
  out: ProtobufBuffer,
  tag: number,
  scope: Scope,
  spans: readonly ReadableSpan[],
): void {
  const start = out.open(tag, BATCH_LENGTH_BYTES);
  const scopeStart = out.open(0x0a, 1);
  writeText(out, 0x0a, scope.name);
  if (scope.version) writeText(out, 0x12, scope.version);
  if (scope.attributes) writeAttributes(out, 0x1a, scope.attributes);
  if (scope.droppedAttributesCount) out.varint(0x20, scope.droppedAttributesCount);
  out.close(scopeStart, 1);
  for (const span of spans) writeSpan(out, 0x12, span);
  if (scope.schemaUrl) writeText(out, 0x1a, scope.schemaUrl);
  out.close(start, BATCH_LENGTH_BYTES);
}
