import { type SpanContext, TraceFlags } from '@opentelemetry/api';

import { ReadSpanContext } from './made-span-context.ts';
import { hasRandomTraceId } from './random-trace-id.ts';

/** What level 2 knows: sampled and random. The others are reserved, and zero in what is sent. */
const KNOWN_FLAGS = 0x03;

const LENGTH = 55;
/** Of a later version, whose further fields nobody knows yet, and with the white space around it. */
const LONGEST = 512;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/**
 * Reads one `traceparent`, strictly. Undefined for anything else than a valid one: the trace begins anew then.
 * A version that is not known is read as far as it is like `00`; what has more than 512 characters is none.
 *
 * Source: W3C Trace Context Level 2, sections "traceparent Header Field Values" and "Versioning of traceparent".
 */
export function parseTraceparent(header: string): SpanContext | undefined {
  if (header.length > LONGEST) return undefined;
  const text = header.length === LENGTH ? header : trimOptionalSpace(header);
  if (text.length < LENGTH || !isFramed(text)) return undefined;
  if (text.length > LENGTH && !isOfLaterVersion(text)) return undefined;
  if (!isLowerHex(text, 3, 35) || !isLowerHex(text, 36, 52) || !isLowerHex(text, 53, LENGTH)) {
    return undefined;
  }
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  const traceFlags = hexDigit(text.charCodeAt(54)) & KNOWN_FLAGS;
  return new ReadSpanContext(traceId, spanId, traceFlags, undefined);
}

/** The `traceparent` of a span, always a valid one of version `00`; undefined where its ids are not valid. */
export function formatTraceparent(span: SpanContext): string | undefined {
  const traceId = lowerId(span.traceId, NO_TRACE);
  const spanId = lowerId(span.spanId, NO_SPAN);
  if (traceId === undefined || spanId === undefined) return undefined;
  const sampled = (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  const flags = hasRandomTraceId(span) ? (sampled ? '03' : '02') : sampled ? '01' : '00';
  return `00-${traceId}-${spanId}-${flags}`;
}

/** An id as long as `none` and other than it. Whoever takes in another format may have left it in upper case. */
function lowerId(id: unknown, none: string): string | undefined {
  if (typeof id !== 'string' || id.length !== none.length || id === none) return undefined;
  if (isLowerHex(id, 0, id.length)) return id;
  const lower = id.toLowerCase();
  return isLowerHex(lower, 0, none.length) && lower.length === none.length ? lower : undefined;
}

/** A version but `ff`, and its dashes. */
function isFramed(text: string): boolean {
  return (
    text[2] === '-' &&
    text[35] === '-' &&
    text[52] === '-' &&
    isLowerHex(text, 0, 2) &&
    !(text[0] === 'f' && text[1] === 'f')
  );
}

/** What follows the flags belongs to a later version. Not so after a comma: these are two headers. */
function isOfLaterVersion(text: string): boolean {
  return text[LENGTH] === '-' && !text.startsWith('00') && !text.includes(',', LENGTH);
}

function hexDigit(code: number): number {
  return code < 0x40 ? code - 0x30 : code - 0x57;
}

/** 1 for the character codes of `0` to `9` and `a` to `f`. */
const LOWER_HEX = Uint8Array.from({ length: 128 }, (_none, code) =>
  Number(/[\da-f]/.test(String.fromCharCode(code))),
);

function isLowerHex(text: string, from: number, to: number): boolean {
  let digits = 0;
  for (let index = from; index < to; index++) digits += LOWER_HEX[text.charCodeAt(index)] ?? 0;
  return digits === to - from;
}

/** Without the spaces and tabs of HTTP around it, and nothing else that JavaScript takes for space. */
export function trimOptionalSpace(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isOptionalSpace(text.charCodeAt(from))) from++;
  while (to > from && isOptionalSpace(text.charCodeAt(to - 1))) to--;
  return to - from === text.length ? text : text.slice(from, to);
}

function isOptionalSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
