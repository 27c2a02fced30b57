import Router from '@koa/router';
import { configureLogging, initTracing, koaTracing } from '@org/tracing-koa';
import Koa from 'koa';
import log from 'loglevel';

initTracing({ serviceName: 'stock' });
configureLogging(log);

const app = new Koa();
const router = new Router();
app.use(koaTracing());
app.use(router.routes());

router.get('/stock/:sku', (ctx) => {
  const { sku } = ctx.params;
  const pieces = sku === 'rocket' ? 0 : 12;
  if (pieces === 0) log.warn('no %s left', sku);
  ctx.body = { pieces };
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on port ${server.address().port}`);
});
