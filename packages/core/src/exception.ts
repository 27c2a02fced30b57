import { diag, type Exception, type Span, SpanStatusCode, type TimeInput } from '@opentelemetry/api';

import { exceptionEvent } from './exception-event.ts';
import { emitException } from './exception-signal.ts';
import { ATTR_ERROR_TYPE } from './http-attributes.ts';
import { wallTime } from './wall-clock.ts';

/** What of a failure is told, and how. */
export interface FailureOptions {
  /** `error.type`; default: the class of the error. */
  readonly type?: string;
  /** When it was thrown; default: now. */
  readonly time?: TimeInput;
  /** False where another span has told the exception, and this one only passes it on. Default true. */
  readonly event?: boolean;
  /** How it is called and ranked where it is told as a log record. Default: `exception`, ERROR. */
  readonly log?: ExceptionLog;
}

/** Name and severity of an exception that is told as a log record. */
export interface ExceptionLog {
  /** The convention's name of the event: `http.server.request.exception`, say. */
  readonly eventName: string;
  readonly severity: 'ERROR' | 'WARN';
}

const EXCEPTION: ExceptionLog = { eventName: 'exception', severity: 'ERROR' };

/**
 * Marks a span as failed by a thrown value: `error.type`, status ERROR with the message, one exception.
 * Never throws, whatever was thrown: getters and proxies that throw included.
 *
 * Source: semantic-conventions, docs/general/recording-errors.md.
 */
export function failSpan(span: Span, thrown: unknown, options: FailureOptions = {}): void {
  const { event = true, type = exceptionType(thrown), time = wallTime(), log = EXCEPTION } = options;
  let message = '';
  try {
    if (event) recordException(span, recordableException(thrown), time, log);
  } catch (error) {
    diag.debug('an exception could not be recorded', error);
  }
  try {
    message = exceptionMessage(thrown);
  } catch {
    // What cannot be read cannot be told.
  }
  span.setAttribute(ATTR_ERROR_TYPE, type);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/**
 * Tells an exception once: as an event of the span, or as a log record where
 * `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` asks for that.
 */
export function recordException(
  span: Span,
  exception: Exception,
  time: TimeInput = wallTime(),
  log: ExceptionLog = EXCEPTION,
): void {
  const asEvent = emitException(span, () => ({ ...log, time, attributes: exceptionEvent(exception) ?? {} }));
  if (asEvent) span.recordException(exception, time);
}

/**
 * A thrown value in the form that `recordException` takes. Errors and strings stay what they are; anything
 * else that was thrown is told as text.
 */
function recordableException(thrown: unknown): Exception {
  if (thrown instanceof Error || typeof thrown === 'string') return thrown;
  if (isErrorLike(thrown)) return thrown as Exception;
  return { name: typeName(thrown), message: textOf(thrown) };
}

/** The message of a thrown value, for a span's status. */
function exceptionMessage(thrown: unknown): string {
  const exception = recordableException(thrown);
  // Types promise a text; an error may have anything there.
  return typeof exception === 'string' ? exception : String(exception.message ?? '');
}

/** Class name of a thrown value: the low-cardinality `error.type`. Never throws. */
export function exceptionType(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return String(thrown.constructor.name || thrown.name || 'Error');
    return isErrorLike(thrown) ? String((thrown as { name?: unknown }).name ?? 'Error') : typeName(thrown);
  } catch {
    return 'Error';
  }
}

// Errors of another realm (vm contexts, Jest) are no instances of this one's Error.
function isErrorLike(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return String(value.constructor?.name ?? 'Object');
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
