import type { SpanRecord } from '@org/tracing-core';

/** The processes read one clock, each to some milliseconds. */
const TOLERANCE_NANOS = 10_000_000n;

/**
 * The spans of services that did not start during the call that reached them. Their end says nothing: it comes
 * with the last byte that is sent, and a caller on another core may have read the whole answer by then.
 */
export function hopsOutOfTime(spans: readonly SpanRecord[]): SpanRecord[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.filter((span) => {
    const parent = byId.get(span.parentSpanId ?? '');
    if (!parent || parent.serviceName === span.serviceName) return false;
    const start = span.startTimeUnixNano;
    return (
      start < parent.startTimeUnixNano - TOLERANCE_NANOS || start > parent.endTimeUnixNano + TOLERANCE_NANOS
    );
  });
}
