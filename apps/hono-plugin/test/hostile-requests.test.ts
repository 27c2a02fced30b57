import { diag, DiagLogLevel } from '@opentelemetry/api';
import { holdServer, hostileOptions, type Said, type TriedServer } from '@org/fuzz';
import { collectSpans } from '@org/tracing-testing';
import { Hono } from 'hono';

import { honoTracing } from '../src/index.ts';
import { type NodeHono, serve } from './hono-server.ts';

async function start(): Promise<TriedServer> {
  const app: NodeHono = new Hono();
  const tracing = honoTracing(hostileOptions);
  app.use(tracing);
  app.all('/users/:id', (c) => c.text(c.req.param('id')));
  const { url, close } = await serve(app, tracing);
  return { port: Number(new URL(url).port), close };
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

holdServer('hono', start, collectSpans, listenToDiag);
