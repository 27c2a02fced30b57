import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { OtlpLog } from './log-records.ts';

/** Spans as OTLP JSON: an ExportTraceServiceRequest, to be given to `JSON.stringify`. */
export interface OtlpJsonSpans {
  readonly resourceSpans: readonly object[];
}

/** Log records as OTLP JSON: an ExportLogsServiceRequest, to be given to `JSON.stringify`. */
export interface OtlpJsonLogs {
  readonly resourceLogs: readonly object[];
}

interface Source {
  readonly serviceName: string;
  readonly resourceAttributes: Attributes;
  readonly scope?: { readonly name: string; readonly version?: string };
}

/**
 * Spans as OTLP JSON, by resource and scope in the order of their first span. Trace state, flags and counts of what an
 * SDK dropped are in no record, so they are not in here.
 *
 * @example
 * writeFileSync('trace.json', JSON.stringify({ ...spansToOtlpJson(spans), ...logsToOtlpJson(logs) }));
 */
export function spansToOtlpJson(spans: readonly SpanRecord[]): OtlpJsonSpans {
  return {
    resourceSpans: grouped(spans).map(({ resource, scopes }) => ({
      resource,
      scopeSpans: scopes.map(({ scope, records }) => ({ scope, spans: records.map(jsonSpan) })),
    })),
  };
}

/** Log records as OTLP JSON, by resource and scope in the order of their first record. */
export function logsToOtlpJson(logs: readonly OtlpLog[]): OtlpJsonLogs {
  return {
    resourceLogs: grouped(logs).map(({ resource, scopes }) => ({
      resource,
      scopeLogs: scopes.map(({ scope, records }) => ({ scope, logRecords: records.map(jsonLog) })),
    })),
  };
}

function jsonSpan(span: SpanRecord): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    // By OTLP's numbers, in which 0 is "not given".
    kind: span.kind + 1,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: keyValues(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeUnixNano),
      name: event.name,
      attributes: keyValues(event.attributes),
    })),
    links: span.links.map((link) => ({ ...link, attributes: keyValues(link.attributes) })),
    status: span.status,
  };
}

function jsonLog(log: OtlpLog): object {
  return {
    timeUnixNano: String(log.timeUnixNano),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    body: { stringValue: log.body },
    eventName: log.eventName,
    attributes: keyValues(log.attributes),
    traceId: log.traceId,
    spanId: log.spanId,
  };
}

interface Group<Record> {
  readonly resource: object;
  readonly scopes: { readonly scope: object; readonly records: Record[] }[];
}

function grouped<Record extends Source>(records: readonly Record[]): Group<Record>[] {
  const groups = new Map<string, Group<Record>>();
  const scopes = new Map<string, Record[]>();
  const resourceKey = resourceKeys();
  for (const record of records) {
    const { name, version } = record.scope ?? { name: '' };
    const key = `${resourceKey(record.resourceAttributes)} ${record.serviceName}`;
    const scopeKey = JSON.stringify([key, name, version]);
    const sameScope = scopes.get(scopeKey);
    if (sameScope) {
      sameScope.push(record);
      continue;
    }
    const first = [record];
    scopes.set(scopeKey, first);
    const group = groups.get(key) ?? { resource: { attributes: resourceOf(record) }, scopes: [] };
    groups.set(key, group);
    group.scopes.push({ scope: { name, version }, records: first });
  }
  return [...groups.values()];
}

/** The same number for attributes that are the same. */
function resourceKeys(): (attributes: Attributes) => number {
  // Records of one request share theirs.
  const byObject = new Map<Attributes, number>();
  const byText = new Map<string, number>();
  return (attributes) => {
    const known = byObject.get(attributes);
    if (known !== undefined) return known;
    const text = JSON.stringify(keyValues(attributes));
    const key = byText.get(text) ?? byText.size;
    byText.set(text, key);
    byObject.set(attributes, key);
    return key;
  };
}

/** With the service, which a record may have without the attribute. */
function resourceOf({ serviceName, resourceAttributes }: Source): object[] {
  const isNamed = serviceName === '' || Object.hasOwn(resourceAttributes, 'service.name');
  return keyValues(isNamed ? resourceAttributes : { ...resourceAttributes, 'service.name': serviceName });
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: AttributeValue | null | undefined): object {
  if (value === null || value === undefined) return {};
  if (Array.isArray(value)) return { arrayValue: { values: value.map((item) => anyValue(item)) } };
  if (typeof value === 'number') return numberValue(value);
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: String(value) };
}

function numberValue(value: number): object {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
  // Those that JSON has no number for are text in protobuf's JSON.
  const isText = !Number.isFinite(value) || value === 0;
  return { doubleValue: isText ? (value === 0 ? '-0' : String(value)) : value };
}
