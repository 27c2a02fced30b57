import { type Attributes, type AttributeValue, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import { OtlpRequestError } from './otlp-body.ts';
import type {
  OtlpAnyValue,
  OtlpKeyValue,
  OtlpLogsRequest,
  OtlpSpan,
  OtlpTraceRequest,
} from './otlp-message.ts';

/** A log record that arrived over OTLP. */
export interface OtlpLog {
  /** 32 lower-case hex digits; absent where the record belongs to no trace. */
  readonly traceId?: string;
  /** 16 lower-case hex digits; absent where the record belongs to no span. */
  readonly spanId?: string;
  /** Nanoseconds since the Unix epoch: when it happened, else when it was observed. */
  readonly timeUnixNano: bigint;
  /** 1 to 24; 0 where it was not given. */
  readonly severityNumber: number;
  readonly severityText: string;
  /** Text as it is, anything else as JSON. */
  readonly body: string;
  readonly attributes: Attributes;
  /** `service.name` of the resource. */
  readonly serviceName: string;
  readonly resourceAttributes: Attributes;
}

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

/** The spans of one export. @throws OtlpRequestError (400) for a span or link without valid ids. */
export function spanRecords(request: OtlpTraceRequest): SpanRecord[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const resourceAttributes = attributesOf(resource?.attributes ?? []);
    const serviceName = String(resourceAttributes['service.name'] ?? '');
    return scopeSpans.flatMap(({ scope, spans }) => {
      const { name = '', version = '' } = scope ?? {};
      const common = {
        serviceName,
        resourceAttributes,
        scope: version === '' ? { name } : { name, version },
      };
      return spans.map((span) => ({ ...spanRecord(span), ...common }));
    });
  });
}

/** The log records of one export. */
export function otlpLogs(request: OtlpLogsRequest): OtlpLog[] {
  return request.resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const resourceAttributes = attributesOf(resource?.attributes ?? []);
    const serviceName = String(resourceAttributes['service.name'] ?? '');
    return scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((log) => ({
        ...(log.traceId.length > 0 && { traceId: hex(log.traceId) }),
        ...(log.spanId.length > 0 && { spanId: hex(log.spanId) }),
        timeUnixNano: log.timeUnixNano || log.observedTimeUnixNano,
        severityNumber: log.severityNumber,
        severityText: log.severityText,
        body: text(plainValue(log.body ?? {})),
        attributes: attributesOf(log.attributes),
        serviceName,
        resourceAttributes,
      })),
    );
  });
}

function spanRecord(span: OtlpSpan): Omit<SpanRecord, 'serviceName' | 'resourceAttributes' | 'scope'> {
  const { message = '', code = 0 } = span.status ?? {};
  return {
    traceId: id(span.traceId, 16, `trace_id of span "${span.name}"`),
    spanId: id(span.spanId, 8, `span_id of span "${span.name}"`),
    ...(span.parentSpanId.length > 0 && {
      parentSpanId: id(span.parentSpanId, 8, `parent_span_id of span "${span.name}"`),
    }),
    name: span.name,
    kind: KINDS[span.kind] ?? SpanKind.INTERNAL,
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    attributes: attributesOf(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: event.timeUnixNano,
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: id(link.traceId, 16, `trace_id of a link of span "${span.name}"`),
      spanId: id(link.spanId, 8, `span_id of a link of span "${span.name}"`),
      attributes: attributesOf(link.attributes),
    })),
    status: {
      code: STATUS_CODES[code] ?? SpanStatusCode.UNSET,
      ...(message !== '' && { message }),
    },
  };
}

function id(bytes: Uint8Array, length: number, what: string): string {
  if (bytes.length === length && bytes.some((byte) => byte !== 0)) return hex(bytes);
  throw new OtlpRequestError(
    400,
    `${what}: expected ${length} bytes that are not all zero, got "${hex(bytes)}"`,
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What an attribute of the API cannot hold (maps, mixed arrays, bytes) becomes text. */
function attributesOf(pairs: readonly OtlpKeyValue[]): Attributes {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, attributeValue(plainValue(value ?? {}))]));
}

function attributeValue(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return isAttributeArray(value) ? value : text(value);
}

function isAttributeArray(value: unknown): value is string[] | number[] | boolean[] {
  if (!Array.isArray(value)) return false;
  const type = typeof value[0];
  if (value.length > 0 && type !== 'string' && type !== 'number' && type !== 'boolean') return false;
  return value.every((item) => typeof item === type);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function plainValue(value: OtlpAnyValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.bytesValue !== undefined) return Buffer.from(value.bytesValue).toString('base64');
  if (value.arrayValue) return value.arrayValue.values.map(plainValue);
  if (value.kvlistValue) {
    return Object.fromEntries(
      value.kvlistValue.values.map((pair) => [pair.key, plainValue(pair.value ?? {})]),
    );
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
