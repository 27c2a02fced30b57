import { createServer } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { startChild } from '../child.ts';
import { PEERS } from '../modules.ts';
import type { Delivered } from '../sink/sink-process.ts';

const ENTRY = fileURLToPath(new URL('../../dist/sink/sink-process.js', import.meta.url));

/** A collector that takes everything, in a process of its own. */
export interface SpanSink extends AsyncDisposable {
  readonly url: string;
  /** What has come since the call before. */
  delivered(): Promise<Delivered>;
}

export async function startSpanSink(): Promise<SpanSink> {
  const child = await startChild(ENTRY, { args: [PEERS] });
  return {
    url: `http://127.0.0.1:${(child.hello as { port: number }).port}`,
    delivered: async () => (await child.ask({ count: true })) as Delivered,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Where nobody listens: connections are refused. */
export async function refusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
