import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

/** A function of the application or of pg, called with whatever receiver and arguments it was given. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts another method in the place of a prototype's own.
 *
 * @returns Puts back exactly what was there, unless somebody else has wrapped the replacement since.
 */
export function replaceMethod(
  prototype: object,
  name: string,
  replace: (original: Method) => Method,
): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  if (typeof before?.value !== 'function') {
    throw new TypeError(`tracePg: expected pg to have a method ${name}; got ${typeof before?.value}`);
  }
  const replacement = replace(before.value as Method);
  Object.defineProperty(prototype, name, { ...before, value: replacement });
  return () => {
    if (Reflect.get(prototype, name) === replacement) Object.defineProperty(prototype, name, before);
  };
}

/** Whether another instrumentation made this method: the marks are those of OpenTelemetry's and of `shimmer`. */
export function isWrapped(method: unknown): boolean {
  return typeof method === 'function' && '__wrapped' in method && method.__wrapped === true;
}

/** The same method, without the spans of an instrumentation that wrapped it before us. */
export function withoutSpans(original: Method): Method {
  if (!isWrapped(original)) return original;
  return function (...args) {
    const suppressed = suppressTracing(context.active());
    return context.with(suppressed, original, this, ...args);
  };
}
