import type { Context, Span, SpanOptions } from '@opentelemetry/api';

import { type ExceptionLog, failSpan } from './exception.ts';
import { liveTracer } from './tracer.ts';
import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-core', version);

/**
 * Runs `fn` in a new span that is active below it, and ends the span when `fn` returns or its promise settles.
 *
 * @param parent The context in which the span starts, and the rest of which `fn` sees.
 * @param log How an exception is called where exceptions are told as log records.
 * @returns What `fn` returns. What it throws is recorded and thrown on as the same value.
 */
export function inSpan<T>(
  name: string,
  options: SpanOptions,
  parent: Context,
  fn: (span: Span) => T,
  log?: ExceptionLog,
): T {
  return tracer.startActiveSpan(name, options, parent, (span): T => {
    let result: T;
    try {
      result = fn(span);
    } catch (error) {
      fail(span, error, log);
      throw error;
    }
    if (!isThenable(result)) {
      span.end();
      return result;
    }
    const settled = result.then(
      (value) => {
        span.end();
        return value;
      },
      (error: unknown) => {
        fail(span, error, log);
        throw error;
      },
    );
    // The derived promise goes back: a rejection that nobody handles must stay unhandled, and a query builder
    // runs its query at each `then`.
    if (!(result instanceof Promise) || result.constructor === Promise) return settled as T;
    // A promise of another class has members of its own that the caller may want (`got(url).json()`).
    settled.then(undefined, () => undefined);
    return result;
  });
}

function fail(span: Span, error: unknown, log: ExceptionLog | undefined): void {
  failSpan(span, error, log && { log });
  span.end();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
