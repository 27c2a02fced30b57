import type { Span, SpanOptions } from '@opentelemetry/api';

import { failSpan } from './exception.ts';
import { liveTracer } from './tracer.ts';
import { version } from './version.ts';

const tracer = liveTracer('@org/tracing-core', version);

/**
 * Runs `fn` inside a span: a root where nothing is active (a consumer, a job, a protocol handler), a child
 * otherwise. Every call below it becomes its child. The span ends when `fn` returns, or when the promise that
 * it returns settles; what `fn` throws is recorded and thrown on as the same value.
 *
 * @param name Span name: low cardinality, no ids.
 * @param options Kind (default INTERNAL), attributes, links, `root: true` for a new trace.
 * @returns What `fn` returns.
 * @example
 * await withSpan('nightly report', async (span) => {
 *   span.setAttribute('report.rows', await writeReport());
 * });
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T;
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T;
export function withSpan<T>(
  name: string,
  optionsOrFn: SpanOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  const fn = typeof optionsOrFn === 'function' ? optionsOrFn : maybeFn;
  if (typeof fn !== 'function') {
    throw new TypeError(`withSpan: expected a function as the last argument; got ${typeof maybeFn}`);
  }
  const options = typeof optionsOrFn === 'function' ? {} : optionsOrFn;
  return tracer.startActiveSpan(name, options, (span): T => {
    let result: T;
    try {
      result = fn(span);
    } catch (error) {
      fail(span, error);
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
        fail(span, error);
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

function fail(span: Span, error: unknown): void {
  failSpan(span, error);
  span.end();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
