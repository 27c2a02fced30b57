import type { SpanRecord } from '@org/tracing-core';

/** The spans as trees, for the message of a failure. */
export function describeSpans(spans: readonly SpanRecord[]): string {
  if (spans.length === 0) return 'No span arrived.';
  const lines = spans.map(
    (span) =>
      `  ${span.traceId} ${span.spanId} < ${span.parentSpanId ?? 'root'} ${span.serviceName} ${span.name}`,
  );
  return ['What arrived:', ...lines].join('\n');
}
