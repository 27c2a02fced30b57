import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to clients, so that none of these is taken meanwhile. */
const FIRST = 20_000;
const LAST = 32_000;

/** Ports of localhost on which nobody listens, for programs that cannot be told 0. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, 'localhost'), 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
