import { SpanKind, SpanStatusCode } from '@opentelemetry/api';

import type { SpanRecord } from '../src/span-record.ts';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The first millisecond of the trace. */
export const START = 1_700_000_000_000_000_000n;

/** 16 hex digits that end in `number`. */
export function id(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** A record of the span `number`, a child of `parent`, that ran from one millisecond of the trace to another. */
export function makeSpanRecord(
  number: number,
  parent: number | undefined,
  [from, to]: readonly [number, number],
  rest: Partial<SpanRecord> = {},
): SpanRecord {
  return {
    traceId: TRACE_ID,
    spanId: id(number),
    ...(parent !== undefined && { parentSpanId: id(parent) }),
    name: `span ${number}`,
    kind: SpanKind.INTERNAL,
    startTimeUnixNano: START + BigInt(Math.round(from * 1e6)),
    endTimeUnixNano: START + BigInt(Math.round(to * 1e6)),
    attributes: {},
    events: [],
    links: [],
    status: { code: SpanStatusCode.UNSET },
    serviceName: 'shop',
    resourceAttributes: {},
    scope: { name: 'test' },
    ...rest,
  };
}
