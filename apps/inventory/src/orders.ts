import { randomUUID } from 'node:crypto';

import { withProducerSpan } from '@org/tracing-express';
import type pg from 'pg';
import PgBoss from 'pg-boss';

import { Refusal } from './answer-errors.ts';

const QUEUE = 'orders';

/** What is to be packed, and how many pieces of it. */
export interface Order {
  readonly sku: string;
  readonly quantity: number;
}

/** A queue for orders that lies in the database: whoever takes an order from it packs it. */
export interface OrderQueue {
  /** @returns The id of the order. */
  put(order: Order): Promise<string>;
}

/** Makes the tables of the queue where they are missing. It has no connection of its own, and no timer. */
export async function openOrders(pool: pg.Pool): Promise<OrderQueue> {
  const executeSql = (text: string, values: unknown[]): Promise<pg.QueryResult> => pool.query(text, values);
  const boss = new PgBoss({ db: { executeSql }, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue(QUEUE);
  return {
    async put(order) {
      const id = randomUUID();
      const trace = {};
      await withProducerSpan({ system: 'pg-boss', destination: QUEUE, messageId: id }, trace, () =>
        boss.send(QUEUE, { ...order, trace }, { id }),
      );
      return id;
    },
  };
}

/** @throws Refusal 400 that says what is wrong with the body. */
export function readOrder(body: unknown): Order {
  const { sku, quantity, ...others } = Object(body) as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Refusal(400, `body: unknown field "${unknown}"`);
  if (typeof sku !== 'string' || !/^[a-z0-9-]{1,40}$/.test(sku)) {
    throw new Refusal(400, 'body/sku must be 1 to 40 lower-case letters, digits and hyphens');
  }
  if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1 || quantity > 1000) {
    throw new Refusal(400, 'body/quantity must be a whole number from 1 to 1000');
  }
  return { sku, quantity };
}
