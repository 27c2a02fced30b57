import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { koaTracing } from '@org/tracing-koa';
import Koa from 'koa';
import log from 'loglevel';

import { answerErrors, refuseBody } from './answer-errors.ts';
import { piecesInStock } from './inventory.ts';
import { readOrder } from './order.ts';
import { placeOrder } from './orders.ts';
import { Refusal } from './refusal.ts';

/**
 * The commander: `POST /command` and `GET /health`. Without an inventory it decides by itself; without `orders`, what
 * is to be shipped is not ordered.
 */
export function createApp(inventory: URL | undefined, orders?: URL): Koa {
  const app = new Koa();
  const router = new Router();

  app.use(koaTracing({ requestId: true }));
  app.use(answerErrors);
  app.use(bodyParser({ enableTypes: ['json'], onError: refuseBody }));
  app.use(router.routes());
  app.use(router.allowedMethods({ throw: true }));
  app.on('error', (error) => log.error('command failed', error));

  router.get('/health', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.post('/command', async (ctx) => {
    if (!ctx.is('json')) throw new Refusal(415, 'body must be JSON');
    const { sku, quantity } = readOrder(ctx.request.body);
    const pieces = inventory && (await piecesInStock(inventory, sku));
    const command = pieces === undefined || pieces >= quantity ? 'ship' : 'reorder';
    log.info('command for %d of %s: %s', quantity, sku, command);
    const order = orders && command === 'ship' ? await placeOrder(orders, { sku, quantity }) : undefined;
    ctx.body = { sku, quantity, command, pieces, order };
  });

  return app;
}
