import { diag, type Exception, type Span, SpanStatusCode, type TimeInput } from '@opentelemetry/api';

import { ATTR_ERROR_TYPE } from './http-attributes.ts';

/** What of a failure is told, and how. */
export interface FailureOptions {
  /** `error.type`; default: the class of the error. */
  readonly type?: string;
  /** When it was thrown; default: now. */
  readonly time?: TimeInput;
  /** False where another span has told the exception, and this one only passes it on. Default true. */
  readonly event?: boolean;
}

/**
 * Marks a span as failed by a thrown value: `error.type`, status ERROR with the message, one `exception` event.
 * Never throws, whatever was thrown: getters and proxies that throw included.
 *
 * Source: semantic-conventions, docs/general/recording-errors.md.
 */
export function failSpan(span: Span, thrown: unknown, options: FailureOptions = {}): void {
  try {
    if (options.event ?? true) span.recordException(recordableException(thrown), options.time);
  } catch (error) {
    diag.debug('an exception could not be recorded', error);
  }
  let message = '';
  let type = options.type;
  try {
    type ??= exceptionType(thrown);
    message = exceptionMessage(thrown);
  } catch {
    // What cannot be read cannot be told.
  }
  span.setAttribute(ATTR_ERROR_TYPE, type ?? 'Error');
  span.setStatus({ code: SpanStatusCode.ERROR, message });
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
  return typeof exception === 'string' ? exception : (exception.message ?? '');
}

/** Class name of a thrown value: the low-cardinality `error.type`. */
export function exceptionType(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.constructor.name || thrown.name || 'Error';
  return isErrorLike(thrown) ? String((thrown as { name?: unknown }).name ?? 'Error') : typeName(thrown);
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
  return value.constructor?.name ?? 'Object';
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
