import { createServer } from 'node:http';

import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { listen, type RunningServer } from '@org/tracing-testing/contract';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';

import { type HonoTracing, honoTracing, type HonoTracingOptions } from '../src/index.ts';

/** An application whose context has Node's request and response. */
export type NodeHono = Hono<{ Bindings: HttpBindings }>;

/** Listens with an application, in the way that docs/write-a-plugin.md shows; without one of `tracing`, by Hono alone. */
export function serve(app: NodeHono, tracing?: HonoTracing): Promise<RunningServer> {
  const answer = getRequestListener(app.fetch);
  return listen(createServer(tracing ? tracing.listener(answer) : answer));
}

/** Starts a traced application of a test, which is closed after it. @returns Its URL. */
export async function start(
  build: (app: NodeHono) => unknown,
  options: HonoTracingOptions = {},
): Promise<string> {
  const app: NodeHono = new Hono();
  const tracing = honoTracing(options);
  app.use(tracing);
  build(app);
  const { url, close } = await serve(app, tracing);
  onTestFinished(close);
  return url;
}
