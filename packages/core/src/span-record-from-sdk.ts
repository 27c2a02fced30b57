import type { HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import type { SpanRecord } from './span-record.ts';

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * An ended span of the SDK (2.x) as the neutral record. Attributes, events and links are shared with the span,
 * not copied: the SDK changes nothing in a span that has ended.
 */
export function toSpanRecord(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  const { name, version } = span.instrumentationScope;
  const resourceAttributes = span.resource.attributes;
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: span.attributes,
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: unixNano(event.time),
      attributes: event.attributes ?? {},
    })),
    links: span.links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      attributes: link.attributes ?? {},
    })),
    status: span.status,
    serviceName: String(resourceAttributes['service.name'] ?? ''),
    resourceAttributes,
    scope: version === undefined ? { name } : { name, version },
  };
}

function unixNano([seconds, nanos]: HrTime): bigint {
  return whole(seconds) * NANOS_PER_SECOND + whole(nanos);
}

// Applications may give times of their own, with fractions or not numbers at all, and BigInt throws on those.
function whole(number: number): bigint {
  return Number.isFinite(number) ? BigInt(Math.round(number)) : 0n;
}
