import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

import { fieldsJson, quote, valueJson } from './log-json.ts';

/** What a log line says. */
export interface LogEntry {
  /** `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`. */
  readonly level: string;
  /** `service.name`. */
  readonly service: string;
  readonly message: string;
  /** Name of the logger; left out for a root logger. */
  readonly logger?: string | undefined;
  /** Milliseconds since the Unix epoch; now by default. */
  readonly time?: number | undefined;
  /** The span that was active. Without one, or with an invalid one, the ids are zeros. */
  readonly spanContext?: SpanContext | undefined;
  /**
   * Objects whose members become members of the line; of two with one key the later object's is written, and
   * none with a key of the line's own.
   */
  readonly fields?: readonly object[] | undefined;
  readonly error?: Error | undefined;
}

/** Keys under which the ids are written. */
export interface TraceKeys {
  /** Default `trace_id`. */
  readonly traceId?: string | undefined;
  /** Default `span_id`. */
  readonly spanId?: string | undefined;
  /** Default `trace_flags`. */
  readonly traceFlags?: string | undefined;
}

/** Makes a line of an entry. Never throws. */
export type LogFormatter = (entry: LogEntry) => string;

const ROOM = 65_536;
const NO_TRACE_ID = '0'.repeat(32);
const NO_SPAN_ID = '0'.repeat(16);
const OWN_KEYS = ['timestamp', 'level', 'service', 'logger', 'message', 'exception'];

/** As {@link formatLogLine}, with other keys for the ids. */
export function createLogFormatter({
  traceId = 'trace_id',
  spanId = 'span_id',
  traceFlags = 'trace_flags',
}: TraceKeys = {}): LogFormatter {
  const reserved: ReadonlySet<string> = new Set([...OWN_KEYS, traceId, spanId, traceFlags]);
  const beforeTraceId = `,${JSON.stringify(traceId)}:"`;
  const beforeSpanId = `",${JSON.stringify(spanId)}:"`;
  const beforeFlags = `",${JSON.stringify(traceFlags)}:"`;

  return ({ level, service, message, logger, time, spanContext, fields, error }) => {
    const span = spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined;
    const line =
      `{"timestamp":"${timestamp(time ?? Date.now())}","level":${JSON.stringify(String(level))}` +
      `,"service":${JSON.stringify(String(service))}` +
      (logger === undefined ? '' : `,"logger":${JSON.stringify(String(logger))}`) +
      `,"message":${quote(String(message), { left: ROOM })}` +
      beforeTraceId +
      (span?.traceId ?? NO_TRACE_ID) +
      beforeSpanId +
      (span?.spanId ?? NO_SPAN_ID) +
      beforeFlags +
      flagsText(span?.traceFlags ?? 0) +
      '"' +
      (fields === undefined || fields.length === 0 ? '' : allFieldsJson(fields, reserved)) +
      (error === undefined ? '' : `,"exception":${valueJson(error, { left: ROOM }) ?? '{}'}`) +
      '}';
    return asOneLine(line);
  };
}

function allFieldsJson(fields: readonly object[], reserved: ReadonlySet<string>): string {
  const room = { left: ROOM };
  let written = reserved;
  let json = '';
  for (const each of fields.toReversed()) {
    try {
      json = fieldsJson(each, written, room) + json;
      if (fields.length > 1) written = new Set([...written, ...Object.keys(each)]);
    } catch {
      // A proxy that refuses to name its keys has no fields.
    }
  }
  return json;
}

/** JSON leaves these two as they are, and Node's `readline`, among others, takes them for line ends. */
function asOneLine(json: string): string {
  if (!json.includes('\u2028') && !json.includes('\u2029')) return json;
  return json.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`);
}

function flagsText(flags: number): string {
  if (flags === 1) return '01';
  return flags === 0 ? '00' : (flags & 0xff).toString(16).padStart(2, '0');
}

let lastTime = Number.NaN;
let lastTimestamp = '';

/** Lines come in bursts, and the text of one millisecond serves for all of it. */
function timestamp(time: number): string {
  if (time !== lastTime) {
    const date = new Date(time);
    lastTimestamp = (Number.isNaN(date.getTime()) ? new Date() : date).toISOString();
    lastTime = time;
  }
  return lastTimestamp;
}

/**
 * One JSON object without line breaks, for one log entry: `timestamp` (ISO 8601 UTC, milliseconds), `level`,
 * `service`, `logger`, `message`, `trace_id` (32 hex digits), `span_id` (16), `trace_flags` (2; see "Trace
 * context in non-OTLP log formats" of the OpenTelemetry specification), the fields, and `exception` (`type`,
 * `message`, `stack`, and `code`, `cause`, `errors` where the error has them).
 *
 * Any value makes a valid line: what JSON cannot hold (circular references, BigInt, getters that throw) is
 * written as text, and message, fields and exception are cut at 65,536 characters each. Never throws.
 *
 * @returns The line without a line break at its end.
 * @example
 * formatLogLine({ level: 'INFO', service: 'dispatcher', message: 'ready', fields: [{ port: 3000 }] });
 * // {"timestamp":"2026-11-22T10:00:00.000Z","level":"INFO","service":"dispatcher","message":"ready",
 * //  "trace_id":"00000000000000000000000000000000","span_id":"0000000000000000","trace_flags":"00","port":3000}
 */
export const formatLogLine: LogFormatter = createLogFormatter();
