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
  context.onerror = (error) => span.run(() => onerror.call(context, error));

  // Koa calls this very promise's `then`, where no other middleware stands in front.
  const then = middleware.then.bind(middleware) as Promise<unknown>['then'];
  middleware.then = ((settled, failed) =>
    then(settled && ((value) => span.run(() => settled(value))), failed)) as Promise<unknown>['then'];
  return middleware;
}
