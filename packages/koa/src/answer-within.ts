import { context as api } from '@opentelemetry/api';
import { serverContextOf, type ServerSpan } from '@org/tracing-core';
import type Koa from 'koa';
import type { Context } from 'koa';

/**
 * Lets Koa answer inside the span: it sends the body once the middleware has settled, and that is outside of every
 * middleware's context. A body that is made while it is sent would have no active span.
 *
 * @param middleware A promise that nobody else has.
 */
export function answerWithin(span: ServerSpan<Context>, middleware: Promise<unknown>): Promise<unknown> {
  const { then } = middleware;
  // Koa calls this very promise's `then`, where no other middleware stands in front.
  const thenWithin = function (this: Promise<unknown>, ...callbacks: unknown[]): Promise<unknown> {
    return span.run(() => Reflect.apply(then, this, callbacks) as Promise<unknown>);
  };
  return override(middleware, 'then', thenWithin as typeof then);
}

/** By assignment: `Object.defineProperty` costs a request half a microsecond. */
function override<T extends object, Name extends keyof T>(object: T, name: Name, value: T[Name]): T {
  object[name] = value;
  return object;
}

/**
 * Lets an application be told of errors inside the span of their request: Koa hands them to `ctx.onerror` outside of
 * every middleware's context. The lines of `app.on('error', …)` would have no ids.
 */
export function failWithin(app: Koa): void {
  const { onerror } = app.context;
  function onerrorWithin(this: Context, error: Error): void {
    // At the end of every response it is called without an error.
    const isError = (error as unknown) !== null && (error as unknown) !== undefined;
    const active = isError ? serverContextOf(this.req) : undefined;
    if (active) api.with(active, onerror, this, error);
    else onerror.call(this, error);
  }
  // Not by assignment: an application may have fixed its own.
  Reflect.defineProperty(app.context, 'onerror', {
    value: onerrorWithin,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
