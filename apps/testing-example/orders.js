import Router from '@koa/router';
import { configureLogging, initTracing, koaTracing } from '@org/tracing-koa';
import Koa from 'koa';
import log from 'loglevel';

initTracing({ serviceName: 'orders' });
configureLogging(log);

const app = new Koa();
const router = new Router();
app.use(koaTracing());
app.use(router.routes());

router.post('/orders/:sku', async (ctx) => {
  const { sku } = ctx.params;
  const response = await fetch(`${process.env.STOCK_URL}/stock/${sku}`);
  const { pieces } = await response.json();
  const accepted = pieces > 0;
  log.info('order of %s is %s', sku, accepted ? 'accepted' : 'refused', { pieces });
  ctx.status = accepted ? 201 : 409;
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on port ${server.address().port}`);
});
