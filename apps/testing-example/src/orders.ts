import Router from '@koa/router';
import { configureLogging, initTracing, koaTracing } from '@org/tracing-koa';
import Koa from 'koa';
import log from 'loglevel';

import { listen } from './listen.ts';

initTracing({ serviceName: 'orders' });
configureLogging(log);

const app = new Koa();
const router = new Router();
app.use(koaTracing());
app.use(router.routes());

router.post('/orders/:sku', async (ctx) => {
  const { sku } = ctx['params'] as { sku: string };
  const response = await fetch(`${process.env['STOCK_URL']}/stock/${sku}`);
  const { pieces } = (await response.json()) as { pieces: number };
  const accepted = pieces > 0;
  log.info('order of %s is %s', sku, accepted ? 'accepted' : 'refused', { pieces });
  ctx.status = accepted ? 201 : 409;
});

await listen(app);
