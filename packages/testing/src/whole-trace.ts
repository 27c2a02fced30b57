import type { SpanRecord } from '@org/tracing-core';

import { checkKeys, checkMillis, checkSpanIds, checkValue } from './checked-options.ts';

/** Which trace is meant, and when it is whole. Everything given has to hold. */
export interface WantedTrace {
  /** 32 lower-case hex digits. Default: any trace. */
  readonly traceId?: string;
  /**
   * Number of spans of the whole trace. State it wherever more than one process reports: without it a trace
   * counts as whole as soon as it has a root and every parent.
   */
  readonly spanCount?: number;
  /** Anything else that has to be true of the trace's spans. */
  readonly where?: (spans: readonly SpanRecord[]) => boolean;
  /**
   * Span ids, 16 lower-case hex digits each, of parents that report elsewhere or nowhere, such as that of a
   * hand-made `traceparent`. A span below one counts as a root.
   */
  readonly remoteParents?: readonly string[];
}

/**
 * @param wanted With the options of the wait.
 * @throws {TypeError} For an option that is not known, and for a value that cannot be one: a trace that cannot come would be
 *   waited for.
 */
export function checkWantedTrace(wanted: WantedTrace & { readonly timeoutMillis?: number }): void {
  const what = 'waitForTrace';
  checkKeys(what, wanted, ['traceId', 'spanCount', 'where', 'remoteParents', 'timeoutMillis']);
  const { traceId, spanCount, where, remoteParents, timeoutMillis } = wanted;
  const isId = typeof traceId === 'string' && /^(?!0{32}$)[\da-f]{32}$/.test(traceId);
  checkValue(`${what}: traceId`, traceId, isId, '32 lower-case hex digits');
  checkValue(
    `${what}: spanCount`,
    spanCount,
    Number.isInteger(spanCount) && Number(spanCount) > 0,
    'a number of spans',
  );
  checkValue(`${what}: where`, where, typeof where === 'function', 'a function');
  checkSpanIds(`${what}: remoteParents`, remoteParents);
  checkMillis(`${what}: timeoutMillis`, timeoutMillis);
}

/** The spans of one trace that have no parent, or one of `remoteParents`. */
export function rootsOf(spans: readonly SpanRecord[], remoteParents: readonly string[] = []): SpanRecord[] {
  return spans.filter(
    ({ parentSpanId }) => parentSpanId === undefined || remoteParents.includes(parentSpanId),
  );
}

/** The spans of one trace whose parent is neither there nor one of `remoteParents`. */
export function orphansOf(spans: readonly SpanRecord[], remoteParents: readonly string[] = []): SpanRecord[] {
  const known = new Set([...remoteParents, ...spans.map((span) => span.spanId)]);
  return spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId));
}

/** Spans by start time, the earliest first. */
export function byStart(spans: readonly SpanRecord[]): SpanRecord[] {
  return spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
}

/**
 * The first trace that is wanted and whole, its spans by start time; undefined where it is not there yet.
 *
 * @throws Error when it can never be there, since the one trace that can be meant has too many spans.
 */
export function findWholeTrace(
  traces: readonly (readonly SpanRecord[])[],
  wanted: WantedTrace,
): SpanRecord[] | undefined {
  const { traceId, spanCount, where = () => true, remoteParents } = wanted;
  const candidates = traceId === undefined ? traces : traces.filter(([span]) => span?.traceId === traceId);
  for (const spans of candidates) {
    if (spanCount !== undefined && spans.length !== spanCount) {
      if (spans.length < spanCount || candidates.length > 1) continue;
      throw new Error(`Waited for ${describeWanted(wanted)}, but ${spans.length} spans arrived.`);
    }
    if (orphansOf(spans, remoteParents).length === 0 && where(spans)) return byStart(spans);
  }
  return undefined;
}

/** What is being waited for, in words. */
export function describeWanted({ traceId, spanCount, where }: WantedTrace): string {
  const id = traceId === undefined ? 'a whole trace' : `the whole trace ${traceId}`;
  const count = spanCount === undefined ? '' : ` of ${spanCount} ${spanCount === 1 ? 'span' : 'spans'}`;
  return `${id}${count}${where ? ' that satisfies a condition' : ''}`;
}
