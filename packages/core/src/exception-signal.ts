import { type Attributes, diag, ROOT_CONTEXT, type Span, type TimeInput, trace } from '@opentelemetry/api';
import { type Logger, type LoggerProvider, logs, SeverityNumber } from '@opentelemetry/api-logs';

import { readEnum } from './environment.ts';
import { sharedState } from './shared-state.ts';
import { version } from './version.ts';

/** Where exceptions are told: on the span as an event, as a log record, or as both. */
export type ExceptionSignal = 'logs' | 'logs/dup' | 'span';

/** The variable that decides. */
export const EXCEPTION_SIGNAL_VARIABLE = 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN';

/** The API for logs keeps here what the application or the kit has registered; it does not tell itself. */
const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs');

/**
 * What `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` asks for. Read at the first exception and at each `initTracing`.
 *
 * Source: semantic-conventions, docs/exceptions/README.md.
 */
export function exceptionSignal(): ExceptionSignal {
  return (sharedState().exceptionSignal ??= readEnum(
    EXCEPTION_SIGNAL_VARIABLE,
    ['logs', 'logs/dup', 'span'],
    'span',
  ));
}

/** Whether log records go anywhere. */
export function hasLoggerProvider(): boolean {
  return (globalThis as { [LOGS_API]?: unknown })[LOGS_API] !== undefined;
}

/** An exception as the conventions name its parts. */
export interface ExceptionRecord {
  /** Name of the event: `http.server.request.exception`, say. */
  readonly eventName: string;
  /** ERROR where the operation of this process failed, WARN where a call to another did. */
  readonly severity: 'ERROR' | 'WARN';
  /** `exception.type`, `exception.message`, `exception.stacktrace`. */
  readonly attributes: Attributes;
  readonly time: TimeInput;
}

let told = false;

/**
 * Emits an exception as a log record with the ids of `span`, where the environment asks for log records.
 *
 * @returns Whether the span is to have its event too: by default, for `logs/dup`, and where nothing takes log records.
 */
export function emitException(span: Span, record: () => ExceptionRecord): boolean {
  const signal = exceptionSignal();
  if (signal === 'span') return true;
  if (!hasLoggerProvider()) {
    if (!told)
      diag.warn(
        `${EXCEPTION_SIGNAL_VARIABLE} is set, but no logger provider is registered: exceptions stay span events`,
      );
    told = true;
    return true;
  }
  const { eventName, severity, attributes, time } = record();
  currentLogger().emit({
    eventName,
    severityNumber: SeverityNumber[severity],
    severityText: severity,
    attributes,
    timestamp: time,
    context: trace.setSpan(ROOT_CONTEXT, span),
  });
  return signal === 'logs/dup';
}

let provider: LoggerProvider | undefined;
let logger: Logger | undefined;

/** Of the provider that is registered at this moment. */
function currentLogger(): Logger {
  const registered = logs.getLoggerProvider();
  if (logger === undefined || registered !== provider) {
    provider = registered;
    logger = registered.getLogger('@org/tracing-core', version);
  }
  return logger;
}
