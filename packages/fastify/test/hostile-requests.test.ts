import type { AddressInfo } from 'node:net';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { holdServer, hostileOptions, type Said, type TriedServer } from '@org/fuzz';
import { collectSpans } from '@org/tracing-testing';
import type { default as fastifyOf } from 'fastify';

import { fastifyTracing } from '../src/index.ts';
import { fastifyVersions } from './fastify-server.ts';

async function start(create: typeof fastifyOf): Promise<TriedServer> {
  const app = create({ forceCloseConnections: true });
  await app.register(fastifyTracing, hostileOptions);
  app.all('/users/:id', async (request) => (request.params as { id: string }).id);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port, close: async () => app.close() };
}

function listenToDiag(): Said {
  let said: string[] = [];
  const say = (message: string): number => said.push(message);
  diag.disable();
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.ALL);
  return () => {
    const before = said;
    said = [];
    return before;
  };
}

for (const [version, create] of Object.entries(fastifyVersions)) {
  holdServer(`fastify ${version}`, () => start(create), collectSpans, listenToDiag);
}
