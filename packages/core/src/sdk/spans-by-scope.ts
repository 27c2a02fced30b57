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

/** Bits of a span's or a link's flags beside those of W3C (opentelemetry/proto/trace/v1/trace.proto, SpanFlags). */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** Flags of W3C, and whether a context came from another process. */
export function otlpFlags(traceFlags: number, isRemote: boolean | undefined): number {
  return (traceFlags & 0xff) | HAS_IS_REMOTE | (isRemote === true ? IS_REMOTE : 0);
}

/** Whether a number is written as `int_value`, which has 64 bits; any other is a double. */
export function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}
