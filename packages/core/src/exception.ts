import type { Exception } from '@opentelemetry/api';

/**
 * A thrown value in the form that `recordException` takes. Errors and strings stay what they are; anything
 * else that was thrown is told as text.
 */
export function recordableException(thrown: unknown): Exception {
  if (thrown instanceof Error || typeof thrown === 'string') return thrown;
  if (isErrorLike(thrown)) return thrown as Exception;
  return { name: typeName(thrown), message: textOf(thrown) };
}

/** The message of a thrown value, for a span's status. */
export function exceptionMessage(thrown: unknown): string {
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
