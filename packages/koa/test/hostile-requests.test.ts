import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Router from '@koa/router';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { holdServer, hostileOptions, type Said, type TriedServer } from '@org/fuzz';
import { collectSpans } from '@org/tracing-testing';
import Koa from 'koa';

import { koaTracing } from '../src/index.ts';

async function start(): Promise<TriedServer> {
  const app = new Koa();
  app.silent = true;
  app.use(koaTracing(hostileOptions));
  const router = new Router();
  router.all('/users/:id', (context) => {
    context.body = context.params['id'] ?? '';
  });
  app.use(router.routes());
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: async () => server.close() };
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

holdServer('koa', start, collectSpans, listenToDiag);
