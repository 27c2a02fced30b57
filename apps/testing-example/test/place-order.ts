import type { SpanRecord } from '@org/tracing-core';
import { type LogLine, startOtlpReceiver, startService } from '@org/tracing-testing';

/** One order and what it left. */
export interface Order {
  readonly trace: readonly SpanRecord[];
  readonly logs: readonly LogLine[];
}

/** Runs both services until one order's spans are here, with another file for the stock where `stock` says so. */
export async function placeOrder(
  sku: string,
  { stock: file = 'stock.js', spanCount = 3 }: { stock?: string; spanCount?: number } = {},
): Promise<Order> {
  await using receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  await using stock = await startService({ entry: file, env });
  await using orders = await startService({ entry: 'orders.js', env: { ...env, STOCK_URL: stock.url } });
  await fetch(`${orders.url}/orders/${sku}`, { method: 'POST' });
  const trace = await receiver.waitForTrace({ spanCount });
  // Their last lines are here once they have exited.
  await Promise.all([orders.stop(), stock.stop()]);
  return { trace, logs: [...orders.logs, ...stock.logs] };
}
