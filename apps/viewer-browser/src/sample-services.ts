import { createRequire } from 'node:module';

import { startService } from '@org/tracing-testing';

const { resolve } = createRequire(import.meta.url);

/** PostgreSQL and four services start. */
const TIMEOUT_MILLIS = 60_000;

/** The demo with its viewer. */
export interface SampleServices {
  /** Of the viewer's page. */
  readonly url: string;
  /** Sends an order; its request has that id, by which the page finds its traces. */
  order(requestId: string, sku?: string): Promise<Response>;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
}

/** Starts what `npm run demo -- --view` starts. It has sent an order of its own some time after that. */
export async function startSampleServices(): Promise<SampleServices> {
  const demo = await startService({
    entry: resolve('@org/demo/dist/main.js'),
    args: ['--view', '--port', '0'],
    timeoutMillis: TIMEOUT_MILLIS,
  });
  return {
    url: demo.url,
    async order(requestId, sku = 'anvil') {
      const [, dispatcher] = /The dispatcher is up .*: (http\S+),/.exec(demo.stdout) ?? [];
      return fetch(`${dispatcher}/dispatch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': requestId },
        body: JSON.stringify({ sku, quantity: 2 }),
      });
    },
    async stop() {
      await demo.stop('SIGINT');
    },
  };
}
