import type { Attributes, Exception } from '@opentelemetry/api';

/**
 * What a span or a log record tells of an exception; undefined where it has neither type nor message.
 *
 * Source: semantic-conventions, docs/exceptions/exceptions-spans.md; the code of an error stands for its type, as in the
 * SDK.
 */
export function exceptionEvent(exception: Exception | null | undefined): Attributes | undefined {
  // Anything may be thrown, and nothing too.
  if (exception === undefined || exception === null) return undefined;
  if (typeof exception === 'string') return exception === '' ? undefined : { 'exception.message': exception };
  const { code, name, message, stack } = exception;
  const attributes: Attributes = {};
  const type = code || name;
  if (type) attributes['exception.type'] = String(type);
  if (message) attributes['exception.message'] = message;
  if (!type && !message) return undefined;
  if (stack) attributes['exception.stacktrace'] = stack;
  return attributes;
}
