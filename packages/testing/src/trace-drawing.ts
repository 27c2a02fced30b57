import { buildTraceTree, drawTraceTree, type SpanRecord } from '@org/tracing-core';

/** Spans by trace id, the traces in the order of their first span. */
export function groupByTrace(spans: readonly SpanRecord[]): SpanRecord[][] {
  const byId = new Map<string, SpanRecord[]>();
  for (const span of spans) {
    const trace = byId.get(span.traceId);
    if (trace) trace.push(span);
    else byId.set(span.traceId, [span]);
  }
  return [...byId.values()];
}

/** Every trace that the spans are of, drawn. */
export function drawTraces(spans: readonly SpanRecord[]): string {
  if (spans.length === 0) return '(no spans)';
  return groupByTrace(spans)
    .map((trace) => drawTraceTree(buildTraceTree(trace)))
    .join('\n\n');
}
