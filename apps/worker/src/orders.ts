import { withConsumerSpan } from '@org/tracing-core';
import log from 'loglevel';
import PgBoss from 'pg-boss';

import { packOrder } from './pack-order.ts';
import type { Settings } from './settings.ts';

const QUEUE = 'orders';

/** What waits in the queue. */
interface OrderMessage {
  readonly sku: string;
  readonly quantity: number;
  /** Of whoever placed the order; one that is not traced leaves it out. */
  readonly trace?: object;
}

/**
 * Takes orders from the queue and packs them, one after the other, until `stop` is called. One that fails, or that a
 * worker which died had begun, is taken again.
 *
 * @throws Error that names `DATABASE_URL` where the database refuses.
 */
export async function takeOrders(settings: Settings): Promise<{ stop(): Promise<void> }> {
  const { databaseUrl, inventory, parent } = settings;
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schedule: false,
    // How soon it is seen that somebody else's order has expired, whose worker died.
    maintenanceIntervalSeconds: 1,
  });
  boss.on('error', (error) => log.warn('the queue is in trouble', error));
  try {
    await boss.start();
  } catch (cause) {
    throw new Error('DATABASE_URL: the database refused', { cause });
  }

  const options = { pollingIntervalSeconds: 0.5, includeMetadata: true } as const;
  await boss.work<OrderMessage>(QUEUE, options, async ([job]) => {
    if (job === undefined) return;
    const { id, data, retryCount } = job;
    const message = { system: 'pg-boss', destination: QUEUE, messageId: id, parent };
    await withConsumerSpan(message, data.trace, async () => {
      log.info('order for %d of %s is taken, attempt %d', data.quantity, data.sku, retryCount + 1);
      await packOrder(inventory, data);
    });
  });
  return { stop: () => boss.stop() };
}
