import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { writeSpan } from './otlp-span-writer.ts';
import { ProtobufBuffer } from './protobuf-buffer.ts';
import { ProtobufKeys } from './protobuf-keys.ts';
import type { OfScope } from './spans-by-scope.ts';

/** A span as it will be sent: field `spans` of a `ScopeSpans`, in a piece of memory that it shares with others. */
export interface PackedSpan extends OfScope {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Bytes of a piece of memory: some hundred spans. */
const PIECE_BYTES = 64 * 1024;
/** Where less is left, another piece is begun. */
const LEAST_ROOM = 2048;
/** Field `spans` of `ScopeSpans`, in opentelemetry/proto/trace/v1/trace.proto. */
const SPANS = 0x12;

/**
 * Packs spans when they have ended. A packed span is a third of what the span holds, and none of it is for the garbage
 * collector to follow: spans that wait to be sent would be copied by it, and have V8 double the memory for what is young.
 *
 * @returns A function that throws where a span cannot be written.
 */
export function spanPacker(): (span: ReadableSpan) => PackedSpan {
  const keys = new ProtobufKeys();
  let free: ProtobufBuffer | undefined;
  return (span) => {
    const hasRoom = free !== undefined && PIECE_BYTES - free.at >= LEAST_ROOM;
    const out = free !== undefined && hasRoom ? free : new ProtobufBuffer(PIECE_BYTES, keys);
    // A getter of an attribute may end another span, which gets another piece.
    free = undefined;
    const start = out.at;
    try {
      writeSpan(out, SPANS, span);
    } catch (error) {
      out.at = start;
      throw error;
    } finally {
      free = out;
    }
    const { resource, instrumentationScope } = span;
    const { bytes, at: end } = out;
    if (bytes.length === PIECE_BYTES) return { resource, instrumentationScope, bytes, start, end };
    // It has grown for a large span, with room for one much larger, and would be held as long as this one waits.
    free = undefined;
    const own = Buffer.allocUnsafeSlow(end - start);
    bytes.copy(own, 0, start, end);
    return { resource, instrumentationScope, bytes: own, start: 0, end: own.length };
  };
}
