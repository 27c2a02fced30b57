import Koa, { type Middleware } from 'koa';

import { koaMiddleware, type KoaTracingOptions } from './koa-middleware.ts';

export type { KoaTracingOptions } from './koa-middleware.ts';

/**
 * Koa middleware: one SERVER span for each request, named `METHOD /route/:param`, active during its whole
 * life. Use it before every other middleware.
 *
 * @throws TypeError when an option is not what it should be.
 * @example
 * const app = new Koa();
 * app.use(koaTracing());
 */
export function koaTracing(options: KoaTracingOptions = {}): Middleware {
  return koaMiddleware(options.koa === undefined ? Koa : options.koa, options);
}
