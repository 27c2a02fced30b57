import type { SpanRecord } from '@org/tracing-core';
import type { OtlpLog } from '@org/tracing-otlp';

import { levelOf } from './log-level.ts';
import type { LogLine } from './log-line.ts';

/** A log line, of whatever origin, as far as an expectation looks at it. */
export interface TraceLog {
  /** Empty without one. */
  readonly traceId: string;
  /** Empty without one. */
  readonly spanId: string;
  /** In capitals: `INFO`. Empty without one. */
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The span that it belongs to, where the trace has it. */
  readonly span?: SpanRecord;
}

/** Lines as `startService` parses them, or records as an OTLP receiver reads them. */
export type GivenLog = LogLine | OtlpLog;

/**
 * Log lines in one form, each with its span.
 *
 * @param given Lines of JSON in any form that core's `configureLogging`, pino or winston write, and OTLP records.
 * @throws {TypeError} When it is something else; says what to do.
 */
export function traceLogs(given: readonly GivenLog[], spans: readonly SpanRecord[]): TraceLog[] {
  if (!Array.isArray(given)) {
    const { logs } = Object(given) as { logs?: unknown };
    const instead = Array.isArray(logs) ? 'pass its `logs`' : `got ${typeof given}`;
    throw new TypeError(
      `log lines: expected an array, such as \`service.logs\` or \`receiver.logs\`; ${instead}`,
    );
  }
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return given.map((line: unknown, index) => {
    if (typeof line !== 'object' || line === null || Array.isArray(line)) {
      throw new TypeError(
        `log lines: expected an object at ${index}, got ${Array.isArray(line) ? 'an array: join them, `[...a.logs, ...b.logs]`' : typeof line}`,
      );
    }
    const log = readLog(line as Readonly<Record<string, unknown>>);
    const span = log.traceId === spans[0]?.traceId ? byId.get(log.spanId) : undefined;
    return span ? { ...log, span } : log;
  });
}

/** One line, by the names that any of the loggers gives its parts. */
export function readLog(line: Readonly<Record<string, unknown>>): TraceLog {
  if ('severityNumber' in line && 'body' in line) return readOtlp(line as unknown as OtlpLog);
  const text = (...keys: readonly string[]): string => {
    const key = keys.find((each) => typeof line[each] === 'string');
    return key === undefined ? '' : String(line[key]);
  };
  return {
    traceId: idOf(text('trace_id', 'traceId', 'trace.id', 'logging.googleapis.com/trace')),
    spanId: text('span_id', 'spanId', 'span.id', 'logging.googleapis.com/spanId'),
    level: levelOf(line['level'] ?? line['severity'] ?? line['log.level']),
    message: text('message', 'msg'),
    fields: line,
  };
}

function readOtlp(log: OtlpLog): TraceLog {
  const { traceId = '', spanId = '', severityText, severityNumber, body, attributes } = log;
  // OTLP has four numbers for each level.
  const level = severityText || (OTLP_LEVELS[Math.ceil(severityNumber / 4) - 1] ?? '');
  return { traceId, spanId, level: levelOf(level), message: body, fields: attributes };
}

const OTLP_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** Google Cloud has the project before it: `projects/shop/traces/4bf92f…`. */
function idOf(trace: string): string {
  return trace.slice(trace.lastIndexOf('/') + 1);
}
