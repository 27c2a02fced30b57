import type { LineBuilder, LogFormatter, TraceKeys } from './log-entry.ts';
import { JSON_FORMATS, type LogFormatName } from './log-formats.ts';
import { jsonLine } from './log-json-line.ts';
import { withLineLimit } from './log-line-limit.ts';
import { prettyLine } from './log-pretty-line.ts';
import { createRedaction } from './log-redaction.ts';

/** Options of {@link createLogFormatter}. */
export interface LogFormatterOptions {
  /** Default `json`. */
  readonly logFormat?: LogFormatName | undefined;
  /** Other keys for the ids; they take the place of the format's. */
  readonly traceKeys?: TraceKeys | undefined;
  /** For `gcp`: the project whose traces the lines link to. Default: none; the trace id stands alone. */
  readonly gcpProjectId?: string | undefined;
  /**
   * Names of fields whose values are secret, and expressions that are searched in the names: `[REDACTED]` stands in
   * their place, at any depth and in exceptions too. Texts match the whole name, in any case of letters.
   */
  readonly redact?: readonly (RegExp | string)[] | undefined;
  /** Bytes that a line may take, its line break included. Default: no limit but that of its parts. */
  readonly maxLineBytes?: number | undefined;
  /** For `pretty`: whether it has colours. Default: no. */
  readonly color?: boolean | undefined;
}

/**
 * A function that makes the line of a log entry, without the line break at its end: for every format but `pretty` one JSON
 * object without line breaks. docs/logging.md lists the members of each.
 *
 * Any value makes a valid line: what JSON cannot hold (circular references, BigInt, getters that throw) is
 * written as text, and message, fields and exception are cut at 65,536 characters each. It never throws.
 *
 * @example
 * const format = createLogFormatter({ logFormat: 'ecs', redact: ['password', /token/i] });
 * process.stdout.write(`${format({ level: 'INFO', service: 'shop', message: 'ready' })}\n`);
 */
export function createLogFormatter(options: LogFormatterOptions = {}): LogFormatter {
  const { logFormat = 'json', redact, maxLineBytes, color, ...ids } = options;
  const isSecret = createRedaction(redact);
  const build: LineBuilder =
    logFormat === 'pretty'
      ? prettyLine({ color, isSecret })
      : jsonLine(JSON_FORMATS[logFormat], { ...ids, isSecret });
  return withLineLimit(build, maxLineBytes);
}

/**
 * One JSON object without line breaks, for one log entry: `timestamp` (ISO 8601 UTC, milliseconds), `level`,
 * `service`, `logger`, `message`, `trace_id` (32 hex digits), `span_id` (16), `trace_flags` (2; see "Trace
 * context in non-OTLP log formats" of the OpenTelemetry specification), the fields, and `exception` (`type`,
 * `message`, `stack`, and `code`, `cause`, `errors` where the error has them). As {@link createLogFormatter}
 * without options.
 *
 * @returns The line without a line break at its end.
 * @example
 * formatLogLine({ level: 'INFO', service: 'dispatcher', message: 'ready', fields: [{ port: 3000 }] });
 * // {"timestamp":"2026-11-22T10:00:00.000Z","level":"INFO","service":"dispatcher","message":"ready",
 * //  "trace_id":"00000000000000000000000000000000","span_id":"0000000000000000","trace_flags":"00","port":3000}
 */
export const formatLogLine: LogFormatter = createLogFormatter();
