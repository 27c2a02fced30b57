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
  Object.assign(context, {
    onerror: (error: Error): void => span.run(() => onerror.call(context, error)),
  });

  type Then = (
    settled?: (value: unknown) => unknown,
    failed?: (error: unknown) => unknown,
  ) => Promise<unknown>;
  const then: Then = middleware.then.bind(middleware);
  const thenWithin: Then = (settled, failed) =>
    then(settled && ((value) => span.run(() => settled(value))), failed);
  // Koa calls this very promise's `then`, where no other middleware stands in front.
  return Object.defineProperty(middleware, 'then', { value: thenWithin });
}
