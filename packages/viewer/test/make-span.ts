import type { SpanRecord } from '@org/tracing-core';

import { id as spanId, makeSpanRecord, START } from '../../core/test/make-span-record.ts';
import type { StoredLog } from '../src/stored-log.ts';

export { spanId, START };

/** 32 hex digits that end in `number`. */
export function traceId(number: number): string {
  return number.toString(16).padStart(32, '0');
}

/** What a test says of a span; ids by number, times in milliseconds from the first. */
export interface SpanSketch extends Partial<Omit<SpanRecord, 'traceId' | 'spanId' | 'parentSpanId'>> {
  readonly trace?: number;
  readonly span: number;
  readonly parent?: number;
  readonly from?: number;
  readonly to?: number;
}

/** A span of trace 1 that took ten milliseconds, but for what the sketch says. */
export function makeSpan({
  trace = 1,
  span,
  parent,
  from = 0,
  to = from + 10,
  ...rest
}: SpanSketch): SpanRecord {
  return makeSpanRecord(span, parent, [from, to], { traceId: traceId(trace), ...rest });
}

/** A link to a span, by numbers. */
export function linkTo(trace: number, span: number): SpanRecord['links'][number] {
  return { traceId: traceId(trace), spanId: spanId(span), attributes: {} };
}

/** A log line of trace 1. */
export function makeLog(message: string, rest: Partial<StoredLog> = {}): StoredLog {
  return {
    traceId: traceId(1),
    timeUnixNano: START,
    severityNumber: 9,
    level: 'INFO',
    message,
    service: 'shop',
    attributes: {},
    resource: {},
    ...rest,
  };
}
