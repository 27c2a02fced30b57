import type { ServerSpan } from '@org/tracing-core';
import type { Context } from 'koa';

/**
 * Lets Koa answer inside the span: it sends the body, or hands an error to `ctx.onerror`, once the middleware has
 * settled, and that is outside of every middleware's context. A body that is made while it is sent would have no
 * active span, and the lines of `app.on('error', …)` no ids.
 */
export function answerWithin(
  context: Context,
  span: ServerSpan<Context>,
  middleware: Promise<unknown>,
): Promise<unknown> {
  const { onerror } = context;
  override(context, 'onerror', (error) => span.run(() => onerror.call(context, error)));

  const then: Then = middleware.then.bind(middleware);
  const thenWithin: Then = (settled, failed) =>
    then(settled && ((value) => span.run(() => settled(value))), failed);
  // Koa calls this very promise's `then`, where no other middleware stands in front.
  return override(middleware, 'then', thenWithin as typeof middleware.then);
}

type Then = (
  settled?: ((value: unknown) => unknown) | null,
  failed?: ((error: unknown) => unknown) | null,
) => Promise<unknown>;

/** Gives one object a method of its own, in place of its class's. */
function override<T extends object, Name extends keyof T>(object: T, name: Name, value: T[Name]): T {
  return Object.defineProperty(object, name, { value, configurable: true, writable: true });
}
