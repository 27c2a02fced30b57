import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Whatever stands for a span of a scope and a resource. */
export type OfScope = Pick<ReadableSpan, 'instrumentationScope' | 'resource'>;

/** What OTLP has in one message each: a resource, and in it the scopes with their spans. */
export type SpansByScope<Span extends OfScope> = ReadonlyMap<
  ReadableSpan['resource'],
  ReadonlyMap<ReadableSpan['instrumentationScope'], readonly Span[]>
>;

/** Spans of one tracer share their scope as an object, and those of one provider their resource. */
export function spansByScope<Span extends OfScope>(spans: readonly Span[]): SpansByScope<Span> {
  const resources = new Map<ReadableSpan['resource'], Map<ReadableSpan['instrumentationScope'], Span[]>>();
  for (const span of spans) {
    let scopes = resources.get(span.resource);
    if (scopes === undefined) resources.set(span.resource, (scopes = new Map()));
    const others = scopes.get(span.instrumentationScope);
    if (others === undefined) scopes.set(span.instrumentationScope, [span]);
    else others.push(span);
  }
  return resources;
}
