import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SpanRecord } from '@org/tracing-core';
import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import type { Application } from 'express';
import { onTestFinished } from 'vitest';

import { expressTracing, type ExpressTracingOptions } from '../src/index.ts';
import type { Express } from './express-versions.ts';

/** An application on a loopback port and the spans of its process, made for one test. */
export interface ExpressServer {
  readonly app: Application;
  readonly spans: SpanCollecting;
  /** Starts to listen, at the first call, and sends a request. */
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a request, reads the answer and waits for the span of it; for one request at a time, one span each. */
  spanOf(path: string, init?: RequestInit): Promise<SpanRecord>;
}

/** With the middleware, before everything that the test adds. */
export function expressServer(express: Express, options: ExpressTracingOptions = {}): ExpressServer {
  const server = plainServer(express);
  server.app.use(expressTracing(options));
  return server;
}

/** Without it. */
export function plainServer(express: Express): ExpressServer {
  const app = express();
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  let url: Promise<string> | undefined;

  function get(path: string, init?: RequestInit): Promise<Response> {
    url ??= listenTo(app);
    return url.then((base) => fetch(`${base}${path}`, init));
  }

  return {
    app,
    spans,
    get,
    async spanOf(path, init) {
      const index = spans.spans.length;
      await (await get(path, init)).text();
      const [span] = (await spans.waitForSpans(index + 1)).slice(index);
      if (span === undefined) throw new Error('no span');
      return span;
    },
  };
}

/** Listens on an ephemeral port until the test is over. */
export async function listenTo(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
