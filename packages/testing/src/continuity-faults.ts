import type { SpanRecord } from '@org/tracing-core';

import { checkKeys, checkSpanIds, checkValue } from './checked-options.ts';
import { named } from './trace-alignment.ts';
import type { Fault } from './trace-faults.ts';
import { orphansOf, rootsOf } from './whole-trace.ts';

/** What `toBeContinuous` and `assertContinuous` take for granted. */
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

const LOST_CONTEXT =
  'a call without `traceparent` (a client that nothing instruments, a gateway that drops headers), or work that is started outside of its request';
const LOST_SPAN =
  'a span that had not ended or was not sent when this was asserted, one that was lost, or a parent that reports elsewhere (then name it in `remoteParents`)';
const TWO_ROOTS = 'spans that were made by hand with one trace id, or a trace id that a caller uses again';
export const TWICE = 'two exporters or processors for one provider, or an export that was sent again';
const OPEN_PARENT = 'a span that is ended before the work below it, such as one without an `await`';

/** @throws {TypeError} For an option that is not known, and for a value that cannot be one. */
export function checkContinuityOptions(options: ContinuityOptions): void {
  const what = 'continuous';
  checkKeys(what, options, ['remoteParents', 'toleranceMillis', 'sameClock']);
  const { remoteParents, toleranceMillis, sameClock } = options;
  checkSpanIds(`${what}: remoteParents`, remoteParents);
  const isLong = typeof toleranceMillis === 'number' && toleranceMillis >= 0;
  checkValue(`${what}: toleranceMillis`, toleranceMillis, isLong, 'milliseconds');
  checkValue(`${what}: sameClock`, sameClock, typeof sameClock === 'boolean', 'true or false');
}

/** Why spans are not one continuous trace; empty where they are. */
export function continuityFaults(spans: readonly SpanRecord[], options: ContinuityOptions): Fault[] {
  const { remoteParents = [], toleranceMillis = 2, sameClock = false } = options;
  const faults: Fault[] = [];
  const traceIds = new Set(spans.map((span) => span.traceId));
  if (traceIds.size !== 1) {
    const text = `expected one trace id, got ${traceIds.size}: ${[...traceIds].join(', ')}`;
    faults.push({ text, cause: LOST_CONTEXT });
  }

  const roots = rootsOf(spans, remoteParents);
  if (roots.length !== 1) {
    const text = `expected one root, got ${roots.length}: ${roots.map(named).join(', ')}`;
    faults.push({ text, ...(traceIds.size === 1 && { cause: roots.length === 0 ? LOST_SPAN : TWO_ROOTS }) });
  }
  for (const span of orphansOf(spans, remoteParents)) {
    const text = `its parent ${span.parentSpanId} is not there`;
    faults.push({ text, span, cause: LOST_SPAN });
  }

  const byId = new Map<string, SpanRecord>();
  for (const span of spans) {
    if (byId.has(span.spanId)) {
      faults.push({ text: `its id ${span.spanId} is there twice`, span, cause: TWICE });
    }
    byId.set(span.spanId, span);
  }
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? '');
    if (!parent || (!sameClock && processOf(span) !== processOf(parent))) continue;
    const early = millis(parent.startTimeUnixNano - span.startTimeUnixNano);
    const late = millis(span.endTimeUnixNano - parent.endTimeUnixNano);
    if (early > toleranceMillis) {
      const text = `starts ${early} ms before its parent ${named(parent)}`;
      faults.push({ text, span });
    }
    if (late > toleranceMillis) {
      const text = `ends ${late} ms after its parent ${named(parent)}`;
      faults.push({ text, span, cause: OPEN_PARENT });
    }
  }
  return faults;
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
