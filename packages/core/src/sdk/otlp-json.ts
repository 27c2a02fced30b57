import type { HrTime, Link } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

import { isInt64, otlpFlags } from './otlp-numbers.ts';
import { spansByScope } from './spans-by-scope.ts';

/**
 * An `ExportTraceServiceRequest` in JSON: ids in hexadecimal digits, times as text.
 *
 * Source: the specification's protocol/otlp.md, "JSON Protobuf Encoding", and the definitions in opentelemetry-proto.
 */
export function spansToJson(spans: readonly ReadableSpan[]): Uint8Array {
  const resourceSpans = [...spansByScope(spans)].map(([resource, scopes]) => ({
    resource: { attributes: keyValues(resource.attributes), droppedAttributesCount: 0 },
    scopeSpans: [...scopes].map(([scope, ofScope]) => ({
      scope: { name: scope.name, version: scope.version },
      spans: ofScope.map(spanMessage),
      schemaUrl: scope.schemaUrl,
    })),
    schemaUrl: resource.schemaUrl,
  }));
  return Buffer.from(JSON.stringify({ resourceSpans }));
}

function spanMessage(span: ReadableSpan): object {
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.traceState?.serialize(),
    parentSpanId: parent?.spanId,
    name: span.name,
    // The protocol counts the kinds from one.
    kind: span.kind + 1,
    startTimeUnixNano: unixNano(span.startTime),
    endTimeUnixNano: unixNano(span.endTime),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(eventMessage),
    droppedEventsCount: span.droppedEventsCount,
    status: { code: span.status.code, message: span.status.message },
    links: span.links.map(linkMessage),
    droppedLinksCount: span.droppedLinksCount,
    flags: otlpFlags(context.traceFlags, parent?.isRemote),
  };
}

function eventMessage(event: TimedEvent): object {
  return {
    attributes: keyValues(event.attributes),
    name: event.name,
    timeUnixNano: unixNano(event.time),
    droppedAttributesCount: event.droppedAttributesCount ?? 0,
  };
}

function linkMessage(link: Link): object {
  const { context } = link;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    traceState: context.traceState?.serialize(),
    attributes: keyValues(link.attributes),
    droppedAttributesCount: link.droppedAttributesCount ?? 0,
    flags: otlpFlags(context.traceFlags, context.isRemote),
  };
}

const NANOS_PER_SECOND = 1_000_000_000n;
const LAST_TIME = 2n ** 64n;

/** Nanoseconds, which are more than a double holds. 0 for what the protocol cannot hold: it would cost the whole batch. */
function unixNano([seconds, nanos]: HrTime): string {
  if (!Number.isFinite(seconds) || !Number.isFinite(nanos)) return '0';
  const time = BigInt(Math.trunc(seconds)) * NANOS_PER_SECOND + BigInt(Math.trunc(nanos));
  return time >= 0n && time < LAST_TIME ? String(time) : '0';
}

function keyValues(attributes: object = {}): readonly object[] {
  const values = attributes as Readonly<Record<string, unknown>>;
  return Object.keys(values).map((key) => ({ key, value: anyValue(values[key]) }));
}

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return isInt64(value) ? { intValue: value } : { doubleValue: doubleOf(value) };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'object' && value !== null) return { kvlistValue: { values: keyValues(value) } };
  return {};
}

/** JSON has no number for these; Protocol Buffers have a text each. */
function doubleOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
