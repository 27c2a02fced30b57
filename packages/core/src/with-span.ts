import { context, type Span, type SpanOptions } from '@opentelemetry/api';

import { inSpan } from './in-span.ts';

/**
 * Runs `fn` inside a span: a root where nothing is active (a consumer, a job, a protocol handler), a child
 * otherwise. Every call below it becomes its child. The span ends when `fn` returns, or when the promise that
 * it returns settles; what `fn` throws is recorded and thrown on as the same value.
 *
 * @param name Span name: low cardinality, no ids.
 * @returns What `fn` returns.
 * @example
 * await withSpan('nightly report', async (span) => {
 *   span.setAttribute('report.rows', await writeReport());
 * });
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T;
/**
 * Runs `fn` inside a span of a kind of its own, or with attributes, as {@link withSpan} without options does.
 *
 * @param name Span name: low cardinality, no ids.
 * @param options Kind (default INTERNAL), attributes, links, `root: true` for a new trace.
 * @returns What `fn` returns.
 */
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
  return inSpan(name, options, context.active(), fn);
}
