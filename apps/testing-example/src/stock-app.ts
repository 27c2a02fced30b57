import Router from '@koa/router';
import Koa from 'koa';
import log from 'loglevel';

/** The service that knows how many pieces there are, behind any middleware. */
export function stockApp(...middleware: readonly Koa.Middleware[]): Koa {
  const app = new Koa();
  const router = new Router();
  for (const each of middleware) app.use(each);
  app.use(router.routes());
  router.get('/stock/:sku', (ctx) => {
    const { sku } = ctx['params'] as { sku: string };
    const pieces = sku === 'rocket' ? 0 : 12;
    if (pieces === 0) log.warn('no %s left', sku);
    ctx.body = { pieces };
  });
  return app;
}
