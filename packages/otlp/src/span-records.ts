import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import { attributesOf, checkLength } from './attributes.ts';
import { idOf } from './ids.ts';
import { originOf, scopeOf } from './origin.ts';
import type { OtlpPartialSuccess } from './otlp-answer.ts';
import { type Span, timeOf, type TraceRequest } from './otlp-definitions.ts';
import type { RecordLimits } from './otlp-limits.ts';
import { checkCount, RecordRefusal, refusals, shortened } from './refusals.ts';

/** The records of one request, and what was refused of it. */
export interface Taken<Record> {
  readonly records: Record[];
  readonly partial: OtlpPartialSuccess | undefined;
}

type Origin = Pick<SpanRecord, 'serviceName' | 'resourceAttributes' | 'scope'>;

// By OTLP's numbers: 0 is "not given", and to be read as internal.
const KINDS: readonly SpanKind[] = [
  SpanKind.INTERNAL,
  SpanKind.INTERNAL,
  SpanKind.SERVER,
  SpanKind.CLIENT,
  SpanKind.PRODUCER,
  SpanKind.CONSUMER,
];
const STATUS_CODES: readonly SpanStatusCode[] = [
  SpanStatusCode.UNSET,
  SpanStatusCode.OK,
  SpanStatusCode.ERROR,
];

/** The spans of one request, without those that are refused. @throws OtlpRequestError (413) for too many. */
export function spanRecords({ resourceSpans }: TraceRequest, limits: RecordLimits): Taken<SpanRecord> {
  const all = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans);
  checkCount(all.length, limits.records, 'span', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE');
  const records: SpanRecord[] = [];
  const refused = refusals('span');

  for (const { resource, scopeSpans } of resourceSpans) {
    try {
      const { serviceName, resourceAttributes } = originOf(resource, limits);
      for (const { scope, spans } of scopeSpans) {
        const origin = { serviceName, resourceAttributes, scope: scopeOf(scope) };
        for (const span of spans) {
          try {
            records.push(spanRecord(span, origin, limits));
          } catch (error) {
            refused.add(error);
          }
        }
      }
    } catch (error) {
      refused.add(
        error,
        scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0),
      );
    }
  }
  return { records, partial: refused.summary() };
}

/** @throws RecordRefusal */
function spanRecord(span: Span, origin: Origin, limits: RecordLimits): SpanRecord {
  const { message = '', code = 0 } = span.status ?? {};
  const name = (): string => `span "${shortened(span.name)}"`;
  if (span.events.length > limits.events) throw tooMany(name(), 'event', span.events.length, limits.events);
  if (span.links.length > limits.links) throw tooMany(name(), 'link', span.links.length, limits.links);
  checkLength(span.name, limits, () => 'the name of a span');
  checkLength(message, limits, () => `the status of ${name()}`);
  return {
    traceId: idOf(span.traceId, 16, () => `trace_id of ${name()}`),
    spanId: idOf(span.spanId, 8, () => `span_id of ${name()}`),
    ...(span.parentSpanId.length > 0 && {
      parentSpanId: idOf(span.parentSpanId, 8, () => `parent_span_id of ${name()}`),
    }),
    name: span.name,
    kind: KINDS[span.kind] ?? SpanKind.INTERNAL,
    startTimeUnixNano: timeOf(span.startTimeUnixNano),
    endTimeUnixNano: timeOf(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes, limits, name),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: timeOf(event.timeUnixNano),
      attributes: attributesOf(event.attributes, limits, () => `an event of ${name()}`),
    })),
    links: span.links.map((link) => ({
      traceId: idOf(link.traceId, 16, () => `trace_id of a link of ${name()}`),
      spanId: idOf(link.spanId, 8, () => `span_id of a link of ${name()}`),
      attributes: attributesOf(link.attributes, limits, () => `a link of ${name()}`),
    })),
    status: {
      code: STATUS_CODES[code] ?? SpanStatusCode.UNSET,
      ...(message !== '' && { message }),
    },
    ...origin,
  };
}

function tooMany(owner: string, what: string, count: number, limit: number): RecordRefusal {
  return new RecordRefusal(
    `${owner} has ${count} ${what}s, more than the ${limit} that are taken: ` +
      `set OTEL_SPAN_${what.toUpperCase()}_COUNT_LIMIT where it is made`,
  );
}
