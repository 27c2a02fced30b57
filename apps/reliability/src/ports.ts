import { once } from 'node:events';
import type { Server } from 'node:net';

/** Below those that kernels give to clients, of which one could take a port while nobody listens there. */
const FIRST = 20_000;
const LAST = 31_999;

const ATTEMPTS = 50;

/** Lets a server listen on a free port of 127.0.0.1 that no client will be given. */
export async function listenBelowClients(server: Server): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    try {
      await listenAgain(server, port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(`no free port of 127.0.0.1 between ${FIRST} and ${LAST} in ${ATTEMPTS} attempts`);
}

/** Lets a server listen on that port of 127.0.0.1. */
export async function listenAgain(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
