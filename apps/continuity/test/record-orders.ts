import { createRequire } from 'node:module';

import { startPostgres } from '@org/postgres';
import type { SpanRecord } from '@org/tracing-core';
import { type OtlpReceiver, type ServiceProcess, startOtlpReceiver } from '@org/tracing-testing';

import { startTraced, stopTraced } from './traced-process.ts';

const { resolve } = createRequire(import.meta.url);

/** An inventory with a queue, while it runs. */
export interface Orders {
  readonly inventory: ServiceProcess;
  readonly databaseUrl: string;
  readonly receiver: OtlpReceiver;
  /** Starts another sample. Those that `take` leaves running are stopped as services should be. */
  start(name: string, env: Record<string, string>): Promise<ServiceProcess>;
}

/** What was there when every service had stopped. */
export interface OrdersRecording<Taken> {
  /** What `take` returned. */
  readonly taken: Taken;
  readonly spans: readonly SpanRecord[];
  readonly traces: readonly SpanRecord[][];
}

/** Starts an inventory with a database of its own, and lets `take` place and take orders. */
export async function recordOrders<Taken>(
  take: (orders: Orders) => Promise<Taken>,
): Promise<OrdersRecording<Taken>> {
  await using receiver = await startOtlpReceiver();
  await using postgres = await startPostgres();
  const running: ServiceProcess[] = [];

  async function start(name: string, env: Record<string, string>): Promise<ServiceProcess> {
    const service = await startTraced(receiver, {
      entry: resolve(`@org/${name}/dist/server.js`),
      // So that what a process had ended is here when it is killed.
      env: { OTEL_BSP_SCHEDULE_DELAY: '50', ...env },
    });
    running.unshift(service);
    void service.exited.then(() => running.splice(running.indexOf(service), 1));
    return service;
  }

  try {
    const inventory = await start('inventory', { DATABASE_URL: postgres.url });
    const taken = await take({ inventory, databaseUrl: postgres.url, receiver, start });
    await stopTraced(receiver, [...running]);
    return { taken, spans: receiver.spans, traces: receiver.traces() };
  } finally {
    for (const service of running.toReversed()) await service[Symbol.asyncDispose]();
  }
}

/** Places an order at an inventory. @returns Its id. */
export async function placeOrder(
  inventory: ServiceProcess,
  order: { readonly sku: string; readonly quantity: number },
  headers: Record<string, string> = {},
): Promise<string> {
  const body = new Blob([JSON.stringify(order)], { type: 'application/json' });
  const response = await fetch(`${inventory.url}/orders`, { method: 'POST', body, headers });
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  return ((await response.json()) as { order: string }).order;
}
