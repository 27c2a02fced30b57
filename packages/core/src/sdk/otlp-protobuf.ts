import type { Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

import { ProtobufWriter } from './protobuf-writer.ts';
import { isInt64, otlpFlags, spansByScope } from './spans-by-scope.ts';

// Types of the wire format: tag = field number * 8 + type.
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Of a span with a dozen of attributes: room for it needs no larger buffer. */
const USUAL_BYTES = 640;

/**
 * An `ExportTraceServiceRequest` in the wire format. Fields are written in the order of their numbers, as other
 * implementations do; what is empty is left out, but for the counts and the status that upstream always writes.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto, common/v1/common.proto and resource/v1/resource.proto.
 */
export function spansToProtobuf(spans: readonly ReadableSpan[]): Uint8Array {
  const writer = new ProtobufWriter(spans.length * USUAL_BYTES);
  for (const [resource, scopes] of spansByScope(spans)) {
    const resourceSpans = beginField(writer, 1);
    const resourceMessage = beginField(writer, 1);
    writeAttributes(writer, 1, resource.attributes);
    writeCount(writer, 2, 0);
    writer.end(resourceMessage);
    for (const [scope, ofScope] of scopes) {
      const scopeSpans = beginField(writer, 2);
      const scopeMessage = beginField(writer, 1);
      writeText(writer, 1, scope.name);
      if (scope.version) writeText(writer, 2, scope.version);
      writer.end(scopeMessage);
      for (const span of ofScope) writeSpan(writer, span);
      if (scope.schemaUrl) writeText(writer, 3, scope.schemaUrl);
      writer.end(scopeSpans);
    }
    if (resource.schemaUrl) writeText(writer, 3, resource.schemaUrl);
    writer.end(resourceSpans);
  }
  return writer.finish();
}

function writeSpan(writer: ProtobufWriter, span: ReadableSpan): void {
  const start = beginField(writer, 2);
  const context = span.spanContext();
  writeIds(writer, context);
  const parent = span.parentSpanContext;
  if (parent?.spanId) {
    writeTag(writer, 4, BYTES);
    writer.hex(parent.spanId);
  }
  writeText(writer, 5, span.name);
  // Field 6: the protocol counts the kinds from one.
  writeCount(writer, 6, span.kind + 1);
  writeTag(writer, 7, FIXED64);
  writer.time(span.startTime);
  writeTag(writer, 8, FIXED64);
  writer.time(span.endTime);
  writeAttributes(writer, 9, span.attributes);
  writeCount(writer, 10, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 12, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 14, span.droppedLinksCount);
  const status = beginField(writer, 15);
  if (span.status.message) writeText(writer, 2, span.status.message);
  writeCount(writer, 3, span.status.code);
  writer.end(status);
  writeTag(writer, 16, FIXED32);
  writer.fixed32(otlpFlags(context.traceFlags, parent?.isRemote));
  writer.end(start);
}

function writeIds(writer: ProtobufWriter, { traceId, spanId, traceState }: SpanContext): void {
  writeTag(writer, 1, BYTES);
  writer.hex(traceId);
  writeTag(writer, 2, BYTES);
  writer.hex(spanId);
  const state = traceState?.serialize();
  if (state) writeText(writer, 3, state);
}

function writeEvent(writer: ProtobufWriter, event: TimedEvent): void {
  const start = beginField(writer, 11);
  writeTag(writer, 1, FIXED64);
  writer.time(event.time);
  writeText(writer, 2, event.name);
  writeAttributes(writer, 3, event.attributes);
  writeCount(writer, 4, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: ProtobufWriter, link: Link): void {
  const start = beginField(writer, 13);
  writeIds(writer, link.context);
  writeAttributes(writer, 4, link.attributes);
  writeCount(writer, 5, link.droppedAttributesCount);
  writeTag(writer, 6, FIXED32);
  writer.fixed32(otlpFlags(link.context.traceFlags, link.context.isRemote));
  writer.end(start);
}

/** `KeyValue` each; an attribute of a key list is one too. */
function writeAttributes(writer: ProtobufWriter, field: number, attributes: object = {}): void {
  for (const [key, value] of Object.entries(attributes)) {
    const start = beginField(writer, field);
    writeText(writer, 1, key);
    writeValue(writer, 2, value);
    writer.end(start);
  }
}

/** An `AnyValue`, empty where the protocol has no such value. */
function writeValue(writer: ProtobufWriter, field: number, value: unknown): void {
  const start = beginField(writer, field);
  if (typeof value === 'string') {
    writeText(writer, 1, value);
  } else if (typeof value === 'boolean') {
    writeCount(writer, 2, value ? 1 : 0);
  } else if (typeof value === 'number') {
    writeNumber(writer, value);
  } else if (value instanceof Uint8Array) {
    writeTag(writer, 7, BYTES);
    writer.bytes(value);
  } else if (Array.isArray(value)) {
    const list = beginField(writer, 5);
    for (const item of value) writeValue(writer, 1, item);
    writer.end(list);
  } else if (typeof value === 'object' && value !== null) {
    const list = beginField(writer, 6);
    writeAttributes(writer, 1, value);
    writer.end(list);
  }
  writer.end(start);
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (isInt64(value)) {
    writeCount(writer, 3, value);
  } else {
    writeTag(writer, 4, FIXED64);
    writer.double(value);
  }
}

function beginField(writer: ProtobufWriter, field: number): number {
  writeTag(writer, field, BYTES);
  return writer.begin();
}

function writeText(writer: ProtobufWriter, field: number, value: string): void {
  writeTag(writer, field, BYTES);
  writer.text(value);
}

function writeCount(writer: ProtobufWriter, field: number, value: number = 0): void {
  writeTag(writer, field, VARINT);
  writer.varint(value);
}

function writeTag(writer: ProtobufWriter, field: number, type: number): void {
  if (field < 16) writer.byte((field << 3) | type);
  else writer.varint((field << 3) | type);
}
