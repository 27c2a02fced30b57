import type { SpanRecord } from '@org/tracing-core';

import { orphansOf, rootsOf } from './whole-trace.ts';

/** What `toBeContinuous` takes for granted. */
export interface ContinuityOptions {
  /** Span ids of parents that report elsewhere or nowhere, 16 lower-case hex digits each. */
  readonly remoteParents?: readonly string[];
  /**
   * How far a span may lie outside of its parent's time, in milliseconds. Default: 2, since the SDK starts a
   * span at a whole millisecond.
   */
  readonly toleranceMillis?: number;
  /** Whether all processes read one clock, so that times are compared between them too. Default: false. */
  readonly sameClock?: boolean;
}

/**
 * Why spans are not one continuous trace, a line each; empty where they are: one trace id, one root, no id
 * twice, every parent there, and every span within its parent's time.
 */
export function continuityFaults(spans: readonly SpanRecord[], options: ContinuityOptions = {}): string[] {
  const { remoteParents = [], toleranceMillis = 2, sameClock = false } = options;
  const faults: string[] = [];
  const traceIds = new Set(spans.map((span) => span.traceId));
  if (traceIds.size !== 1)
    faults.push(`expected one trace id, got ${traceIds.size}: ${[...traceIds].join(', ')}`);

  const roots = rootsOf(spans, remoteParents);
  if (roots.length !== 1)
    faults.push(`expected one root, got ${roots.length}: ${roots.map(named).join(', ')}`);
  for (const orphan of orphansOf(spans, remoteParents)) {
    faults.push(`${named(orphan)}: its parent ${orphan.parentSpanId} is not there`);
  }

  const byId = new Map<string, SpanRecord>();
  for (const span of spans) {
    if (byId.has(span.spanId)) faults.push(`${named(span)}: its id ${span.spanId} is there twice`);
    byId.set(span.spanId, span);
  }
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? '');
    if (!parent || (!sameClock && processOf(span) !== processOf(parent))) continue;
    const early = millis(parent.startTimeUnixNano - span.startTimeUnixNano);
    const late = millis(span.endTimeUnixNano - parent.endTimeUnixNano);
    if (early > toleranceMillis)
      faults.push(`${named(span)} starts ${early} ms before its parent ${named(parent)}`);
    if (late > toleranceMillis)
      faults.push(`${named(span)} ends ${late} ms after its parent ${named(parent)}`);
  }
  return faults;
}

function named(span: SpanRecord): string {
  return `"${span.name}" (${span.serviceName || 'no service'})`;
}

function millis(nanos: bigint): number {
  return Number(nanos) / 1e6;
}

function processOf({ serviceName, resourceAttributes }: SpanRecord): string {
  return String(
    resourceAttributes['service.instance.id'] ??
      `${serviceName} ${String(resourceAttributes['process.pid'])}`,
  );
}
