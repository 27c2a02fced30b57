import { context } from '@opentelemetry/api';
import { suppressTracing } from '@org/tracing-core';

/** A function of the application or of pg, called with whatever receiver and arguments it was given. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Puts another method in the place of a prototype's own, or of one that it inherits.
 *
 * @returns Puts back exactly what was there, unless somebody else has wrapped the replacement since.
 */
export function replaceMethod(
  prototype: object,
  name: string,
  replace: (original: Method) => Method,
): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== 'function') {
    throw new TypeError(`tracePg: expected pg to have a method ${name}; got ${typeof original}`);
  }
  const replacement = replace(original as Method);
  const attributes = before ?? { writable: true, enumerable: false, configurable: true };
  Object.defineProperty(prototype, name, { ...attributes, value: replacement });
  return () => {
    if (Reflect.get(prototype, name) !== replacement) return;
    if (before) Object.defineProperty(prototype, name, before);
    else Reflect.deleteProperty(prototype, name);
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
