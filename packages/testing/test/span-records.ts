import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

const EPOCH = 1_700_000_000_000n;

/** A record with fixed ids and times, so that its drawing is always the same. Times in ms from the start. */
export function record(
  id: number,
  parent: number | undefined,
  name: string,
  {
    start = id,
    end = 100 - id,
    trace = 1,
    ...rest
  }: Partial<SpanRecord> & {
    start?: number;
    end?: number;
    trace?: number;
  } = {},
): SpanRecord {
  return {
    traceId: hex(trace, 32),
    spanId: hex(id, 16),
    ...(parent !== undefined && { parentSpanId: hex(parent, 16) }),
    name,
    kind: SpanKind.INTERNAL,
    startTimeUnixNano: (EPOCH + BigInt(start)) * 1_000_000n,
    endTimeUnixNano: (EPOCH + BigInt(end)) * 1_000_000n,
    attributes: {},
    events: [],
    links: [],
    status: { code: SpanStatusCode.UNSET },
    serviceName: 'shop',
    resourceAttributes: { 'service.name': 'shop' },
    scope: { name: 'test' },
    ...rest,
  };
}

export function hex(number: number, length: number): string {
  return number.toString(16).padStart(length, '0');
}
