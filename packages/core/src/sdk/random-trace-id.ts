import type { SpanContext } from '@opentelemetry/api';

/** Bit of the W3C flags: whoever made the trace id chose at least its last seven bytes at random. */
const RANDOM_FLAG = 0x02;

/**
 * Marks the context of a span of ours whose trace id is random: as the trace says that it continues, and always in a
 * trace which begins here. The flags of its spans are sampled or nothing.
 */
const RANDOM_TRACE_ID: unique symbol = Symbol.for('@org/tracing.random-trace-id');

type MarkedSpanContext = SpanContext & { [RANDOM_TRACE_ID]?: boolean };

/** Whether the trace id is known to be random: by the caller's flags, or by the mark that spans of ours carry. */
export function hasRandomTraceId(spanContext: SpanContext): boolean {
  const marked: MarkedSpanContext = spanContext;
  return (marked.traceFlags & RANDOM_FLAG) !== 0 || marked[RANDOM_TRACE_ID] === true;
}

/** Marks it so; to be called before anybody else has it. */
export function markTraceId(spanContext: SpanContext, isRandom: boolean): void {
  (spanContext as MarkedSpanContext)[RANDOM_TRACE_ID] = isRandom;
}
