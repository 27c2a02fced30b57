import Koa, { type Context, type Next } from 'koa';

import { Refusal } from './refusal.ts';

/** Koa middleware: refusals and failures are answered as `{ message }`; failures are the app's `error` event too. */
export async function answerErrors(ctx: Context, next: Next): Promise<void> {
  try {
    await next();
    if (ctx.status === 404 && !ctx.body) throw new Refusal(404, `no ${ctx.method} ${ctx.url}`);
  } catch (error) {
    const known = error instanceof Refusal || error instanceof Koa.HttpError;
    ctx.status = known ? error.status : 500;
    ctx.body = { message: known ? error.message : 'internal error' };
    if (ctx.status >= 500) ctx.app.emit('error', error, ctx);
  }
}

/** For `onError` of the body parser. */
export function refuseBody(error: Error & { status?: number }): never {
  throw new Refusal(error.status ?? 400, `body cannot be read: ${error.message}`, { cause: error });
}
