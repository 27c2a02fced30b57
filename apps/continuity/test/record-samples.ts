import { createRequire } from 'node:module';

import { startPostgres } from '@org/postgres';
import type { SpanRecord } from '@org/tracing-core';
import { type LogLine, type ServiceProcess, startOtlpReceiver } from '@org/tracing-testing';

import { startTraced, stopTraced } from './traced-process.ts';

const { resolve } = createRequire(import.meta.url);

/** The sample services while they run. */
export interface Samples {
  readonly dispatcher: ServiceProcess;
  readonly commander: ServiceProcess;
  /** Only where the chain has it. */
  readonly inventory: ServiceProcess | undefined;
  /** The inventory's. */
  readonly databaseUrl: string | undefined;
}

/** Everything that the services left behind once they were stopped: no more can come. */
export interface Recording<Sent> {
  /** What `send` returned. */
  readonly sent: Sent;
  readonly spans: readonly SpanRecord[];
  readonly traces: readonly SpanRecord[][];
  /** Every JSON line of stderr, those of A first, then B's, then C's. */
  readonly logs: readonly LogLine[];
  /** Of the requests that brought the spans. */
  readonly contentTypes: readonly (string | undefined)[];
}

/**
 * Starts A → B, or A → B → C with a database of their own, as processes that send their spans to a receiver
 * here. Lets `send` send its requests, stops the services so that they flush, and gives what arrived.
 */
export async function recordSamples<Sent>(
  chain: 'A → B' | 'A → B → C',
  send: (samples: Samples) => Promise<Sent>,
): Promise<Recording<Sent>> {
  await using receiver = await startOtlpReceiver();
  const start = (name: string, env: Record<string, string | undefined>): Promise<ServiceProcess> =>
    startTraced(receiver, { entry: resolve(`@org/${name}/dist/server.js`), env });

  await using postgres = chain === 'A → B' ? undefined : await startPostgres();
  await using inventory = postgres && (await start('inventory', { DATABASE_URL: postgres.url }));
  await using commander = await start('commander', { NEXT_URL: inventory?.url });
  await using dispatcher = await start('dispatcher', { NEXT_URL: commander.url });

  const sent = await send({ dispatcher, commander, inventory, databaseUrl: postgres?.url });

  const services = [dispatcher, commander, ...(inventory ? [inventory] : [])];
  await stopTraced(receiver, services);
  return {
    sent,
    spans: receiver.spans,
    traces: receiver.traces(),
    logs: services.flatMap((service) => service.logs),
    contentTypes: receiver.exports.map(({ headers }) => headers['content-type']),
  };
}

/** What a service answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends one order to a dispatcher. */
export async function dispatch(
  dispatcher: ServiceProcess,
  order: { readonly sku: string; readonly quantity: number },
): Promise<Answer> {
  const body = new Blob([JSON.stringify(order)], { type: 'application/json' });
  const response = await fetch(`${dispatcher.url}/dispatch`, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}
