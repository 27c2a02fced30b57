import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { holdServer, hostileOptions, type Said, type TriedServer } from '@org/fuzz';
import { collectSpans } from '@org/tracing-testing';
import type { ErrorRequestHandler } from 'express';

import { expressTracing } from '../src/index.ts';
import { type Express, versions } from './express-versions.ts';

async function start(express: Express): Promise<TriedServer> {
  const app = express();
  app.use(expressTracing(hostileOptions));
  app.all('/users/:id', (request, response) => void response.send(String(request.params['id'])));
  // In place of Express's own, which prints every stack.
  const answerError: ErrorRequestHandler = (_error, _request, response, _next) =>
    void response.status(400).end();
  app.use(answerError);
  const server = createServer(app).listen(0, '127.0.0.1');
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

for (const { version, express } of versions) {
  holdServer(`express ${version}`, () => start(express), collectSpans, listenToDiag);
}
