import { expressTracing } from '@org/tracing-express';
import express, { type Express } from 'express';
import log from 'loglevel';
import type { Pool } from 'pg';

import { answerErrors, answerUnknownPath, Refusal } from './answer-errors.ts';
import { type OrderQueue, readOrder } from './orders.ts';
import { findBrokenStock, findStock } from './stock.ts';

/** The inventory: `GET /stock/:sku`, `GET /stock/broken`, `POST /orders` and `GET /health`. */
export function createApp(pool: Pool, orders: OrderQueue): Express {
  const app = express();

  app.use(expressTracing({ requestId: true }));

  app.get('/health', async (_request, response) => {
    await pool.query('SELECT 1').catch((cause: unknown) => {
      throw new Refusal(503, 'the database does not answer', { cause });
    });
    response.json({ status: 'ok' });
  });

  app.get('/stock/broken', async (_request, response) => {
    response.json(await findBrokenStock(pool));
  });

  app.get('/stock/:sku', async ({ params: { sku }, query }, response) => {
    if (!/^[a-z0-9-]{1,40}$/.test(sku)) {
      throw new Refusal(400, 'sku must be 1 to 40 lower-case letters, digits and hyphens');
    }
    const [unknown] = Object.keys(query);
    if (unknown !== undefined) throw new Refusal(400, `query: unknown field "${unknown}"`);

    const stock = await findStock(pool, sku);
    log.info('%d pieces of %s', stock?.pieces ?? 0, sku);
    if (!stock) throw new Refusal(404, `no article "${sku}"`);
    response.json(stock);
  });

  app.post('/orders', express.json(), async ({ body }, response) => {
    const order = readOrder(body);
    const id = await orders.put(order);
    log.info('order for %d of %s waits', order.quantity, order.sku);
    response.status(202).json({ order: id });
  });

  app.use(answerUnknownPath);
  app.use(answerErrors);
  return app;
}
