import type { HrTime, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

import { writeAttributes } from './otlp-attributes.ts';
import type { ProtobufBuffer } from './protobuf-buffer.ts';
import { writeHex, writeText } from './protobuf-text.ts';
import { otlpFlags } from './otlp-numbers.ts';

/** Bytes of the length of most spans: they have between 128 and 16,383. */
const SPAN_LENGTH_BYTES = 2;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * Writes a `Span` of opentelemetry/proto/trace/v1/trace.proto. An id that is none is left out, since a receiver may refuse
 * a whole request for one of the wrong length; so are numbers that are zero.
 *
 * @param tag Of the field that it is.
 * @throws What a getter or method of the span throws, or where a part of it is missing.
 */
export function writeSpan(out: ProtobufBuffer, tag: number, span: ReadableSpan): void {
  const start = out.open(tag, SPAN_LENGTH_BYTES);
  const context = span.spanContext();
  const parent = span.parentSpanContext;
  writeIds(out, context);
  if (parent) writeHex(out, 0x22, parent.spanId, SPAN_ID_BYTES);
  writeText(out, 0x2a, span.name);
  // The kinds of the API begin at 0, which is "unspecified" here.
  writeNumber(out, 0x30, (span.kind ?? -1) + 1);
  writeTime(out, 0x39, span.startTime);
  writeTime(out, 0x41, span.endTime);
  writeAttributes(out, 0x4a, span.attributes);
  writeNumber(out, 0x50, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(out, 0x5a, event);
  writeNumber(out, 0x60, span.droppedEventsCount);
  for (const link of span.links) writeLink(out, 0x6a, link);
  writeNumber(out, 0x70, span.droppedLinksCount);
  writeStatus(out, 0x7a, span.status);
  writeFlags(out, 0x85, context, parent?.isRemote);
  out.close(start, SPAN_LENGTH_BYTES);
}

function writeEvent(out: ProtobufBuffer, tag: number, event: TimedEvent): void {
  const start = out.open(tag, 1);
  writeTime(out, 0x09, event.time);
  writeText(out, 0x12, event.name);
  if (event.attributes) writeAttributes(out, 0x1a, event.attributes);
  writeNumber(out, 0x20, event.droppedAttributesCount);
  out.close(start, 1);
}

function writeLink(out: ProtobufBuffer, tag: number, link: Link): void {
  const { context, attributes } = link;
  const start = out.open(tag, 1);
  writeIds(out, context);
  if (attributes) writeAttributes(out, 0x22, attributes);
  writeNumber(out, 0x28, link.droppedAttributesCount);
  writeFlags(out, 0x35, context, context.isRemote);
  out.close(start, 1);
}

/** Fields 1 to 3 of a span and of a link. */
function writeIds(out: ProtobufBuffer, { traceId, spanId, traceState }: SpanContext): void {
  writeHex(out, 0x0a, traceId, TRACE_ID_BYTES);
  writeHex(out, 0x12, spanId, SPAN_ID_BYTES);
  const state = traceState?.serialize();
  if (state) writeText(out, 0x1a, state);
}

function writeStatus(out: ProtobufBuffer, tag: number, { code, message }: ReadableSpan['status']): void {
  const start = out.open(tag, 1);
  if (message) writeText(out, 0x12, message);
  writeNumber(out, 0x18, code);
  out.close(start, 1);
}

function writeNumber(out: ProtobufBuffer, tag: number, number: number | undefined): void {
  if (number) out.varint(tag, number);
}

function writeFlags(
  out: ProtobufBuffer,
  tag: number,
  { traceFlags }: SpanContext,
  isRemote: boolean | undefined,
): void {
  out.fixed32(tag, otlpFlags(traceFlags, isRemote));
}

/** In nanoseconds; 0 for a time that 64 bits without a sign do not hold. */
function writeTime(out: ProtobufBuffer, tag: number, [seconds, nanos]: HrTime): void {
  // A number holds 53 bits, so the seconds are multiplied in two parts: `upper` counts 2^16 nanoseconds.
  const upper = Math.floor(seconds / 0x1_0000) * 1e9;
  const lower = (upper & 0xffff) * 0x1_0000 + (seconds & 0xffff) * 1e9 + nanos;
  const high = Math.floor(upper / 0x1_0000) + Math.floor(lower / 2 ** 32);
  if (high >= 0 && high < 2 ** 32) out.fixed64(tag, lower >>> 0, high);
  else out.fixed64(tag, 0, 0);
}
