import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import Koa from 'koa';
import Koa2 from 'koa2';
import Koa23 from 'koa23';
import Koa30 from 'koa30';
import { onTestFinished } from 'vitest';

import { koaTracing, type KoaTracingOptions } from '../src/index.ts';

/** An application with the middleware, on a loopback port, and the spans of its process. */
export interface KoaServer {
  readonly app: Koa;
  readonly spans: SpanCollecting;
  /** Starts to listen, at the first call, and sends a request. */
  get(path: string, init?: RequestInit): Promise<Response>;
}

/** The class that applications of each version are made of. */
export const koaVersions: Readonly<Record<string, typeof Koa>> = {
  '3': Koa,
  '3.0': Koa30,
  '2': Koa2,
  '2.3': Koa23,
};

const require = createRequire(import.meta.url);

/** A copy of Koa that nobody has met yet, as at the start of a process. */
export function freshKoa(name: 'koa' | 'koa2' = 'koa'): typeof Koa {
  for (const file of Object.keys(require.cache)) {
    if (/[/\\]node_modules[/\\]koa[/\\]/.test(file)) delete require.cache[file];
  }
  return require(name) as typeof Koa;
}

/** Made for one test; closed when it has finished. */
export function koaServer(options: KoaTracingOptions = {}): KoaServer {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const { koa = Koa } = options;
  const app = new koa();
  app.silent = true;
  app.use(koaTracing(options));
  let url: Promise<string> | undefined;

  async function listen(): Promise<string> {
    const server = app.listen(0, '127.0.0.1');
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  return {
    app,
    spans,
    async get(path, init) {
      url ??= listen();
      return fetch(`${await url}${path}`, init);
    },
  };
}
