import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { writeAttributes } from './otlp-attributes.ts';
import type { PackedSpan } from './span-packer.ts';
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

/** Bytes of a request beside its spans, as a rule. */
const REQUEST_BYTES = 4096;

/** Bytes of the length of a batch of some 30 spans and more. */
const BATCH_LENGTH_BYTES = 3;

/**
 * Writes packed spans as an `ExportTraceServiceRequest` of
 * opentelemetry/proto/collector/trace/v1/trace_service.proto, grouped by resource and scope. What it returns is the caller's
 * alone.
 */
export function writeTraceRequest(spans: readonly PackedSpan[]): Uint8Array {
  let size = REQUEST_BYTES;
  for (const { start, end } of spans) size += end - start;
  // A resource may have many attributes, of which none comes often enough to be remembered.
  const out = new ProtobufBuffer(size, new ProtobufKeys());
  for (const [resource, scopes] of spansByScope(spans)) writeResourceSpans(out, 0x0a, resource, scopes);
  return out.finish();
}

function writeResourceSpans(
  out: ProtobufBuffer,
  tag: number,
  resource: Resource,
  scopes: ReadonlyMap<Scope, readonly PackedSpan[]>,
): void {
  const start = out.open(tag, BATCH_LENGTH_BYTES);
  const resourceStart = out.open(0x0a, 1);
  writeAttributes(out, 0x0a, resource.attributes);
  out.close(resourceStart, 1);
  for (const [scope, spans] of scopes) writeScopeSpans(out, 0x12, scope, spans);
  if (resource.schemaUrl) writeText(out, 0x1a, resource.schemaUrl);
  out.close(start, BATCH_LENGTH_BYTES);
}

function writeScopeSpans(out: ProtobufBuffer, tag: number, scope: Scope, spans: readonly PackedSpan[]): void {
  const start = out.open(tag, BATCH_LENGTH_BYTES);
  const scopeStart = out.open(0x0a, 1);
  writeText(out, 0x0a, scope.name);
  if (scope.version) writeText(out, 0x12, scope.version);
  if (scope.attributes) writeAttributes(out, 0x1a, scope.attributes);
  if (scope.droppedAttributesCount) out.varint(0x20, scope.droppedAttributesCount);
  out.close(scopeStart, 1);
  copyPacked(out, spans);
  if (scope.schemaUrl) writeText(out, 0x1a, scope.schemaUrl);
  out.close(start, BATCH_LENGTH_BYTES);
}

/** Spans that ended one after the other are one piece of memory, as a rule. */
function copyPacked(out: ProtobufBuffer, spans: readonly PackedSpan[]): void {
  let run: { readonly bytes: Buffer; readonly start: number; end: number } | undefined;
  for (const { bytes, start, end } of spans) {
    if (run?.bytes === bytes && run.end === start) {
      run.end = end;
      continue;
    }
    if (run) out.copy(run.bytes, run.start, run.end);
    run = { bytes, start, end };
  }
  if (run) out.copy(run.bytes, run.start, run.end);
}
