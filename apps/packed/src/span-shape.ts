import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

/** What a trace looks like, without ids and times. */
export interface SpanShape {
  readonly name: string;
  readonly kind: string | undefined;
  /** Name of the parent span; undefined for a root. */
  readonly parent: string | undefined;
}

/** The shape of each of these spans. */
export function spanShapes(spans: readonly SpanRecord[]): SpanShape[] {
  const names = new Map(spans.map((span) => [span.spanId, span.name]));
  return spans.map(({ name, kind, parentSpanId }) => ({
    name,
    kind: SpanKind[kind],
    parent: parentSpanId === undefined ? undefined : (names.get(parentSpanId) ?? parentSpanId),
  }));
}
