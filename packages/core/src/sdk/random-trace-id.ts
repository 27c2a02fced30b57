import { type Context, INVALID_SPANID, type Span, type SpanContext, trace } from '@opentelemetry/api';

/** Bit of the W3C flags: whoever made the trace id chose at least its last seven bytes at random. */
const RANDOM_FLAG = 0x02;

const RANDOM_TRACE_ID = Symbol.for('@org/tracing.random-trace-id');

type MarkedSpanContext = SpanContext & { [RANDOM_TRACE_ID]?: boolean };

/** Whether the trace id is known to be random: by the caller's flags, or by the mark that spans of ours carry. */
export function hasRandomTraceId(spanContext: SpanContext): boolean {
  const marked: MarkedSpanContext = spanContext;
  return (marked.traceFlags & RANDOM_FLAG) !== 0 || marked[RANDOM_TRACE_ID] === true;
}

/**
 * Marks a span that has just started where its trace id is random: as the trace says that it continues, and always in
 * a trace which begins here, since the SDK makes its ids at random. The flags of its spans are sampled or nothing.
 *
 * @param parent The context in which the span was started.
 */
export function markRandomTraceId(span: Span, parent: Context): void {
  const own: MarkedSpanContext = span.spanContext();
  // One object of the API stands for all spans that are none.
  if (own.spanId === INVALID_SPANID) return;
  const before = trace.getSpanContext(parent);
  const continued = before !== undefined && before.traceId === own.traceId;
  own[RANDOM_TRACE_ID] = !continued || hasRandomTraceId(before);
}
