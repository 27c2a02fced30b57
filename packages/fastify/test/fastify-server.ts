import { collectSpans, type SpanCollecting } from '@org/tracing-testing';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import fastify4 from 'fastify4';
import fastify423 from 'fastify423';
import fastify50 from 'fastify50';
import { onTestFinished } from 'vitest';

import { fastifyTracing, type FastifyTracingOptions } from '../src/index.ts';

/** An application with the plugin, and the spans of its process. */
export interface FastifyServer {
  readonly app: FastifyInstance;
  readonly spans: SpanCollecting;
  /** Listens, at the first call, on a loopback port and sends a request. */
  get(path: string, init?: RequestInit): Promise<Response>;
}

/** What makes an application of each version. */
export const fastifyVersions: Readonly<Record<string, typeof fastify>> = {
  '5': fastify,
  '5.0': fastify50 as unknown as typeof fastify,
  '4': fastify4 as unknown as typeof fastify,
  '4.23': fastify423 as unknown as typeof fastify,
};

/** Made for one test; closed when it has finished. */
export async function fastifyServer(
  options: FastifyTracingOptions = {},
  server: FastifyServerOptions = {},
  create: typeof fastify = fastify,
): Promise<FastifyServer> {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const app = create({ forceCloseConnections: true, ...server });
  onTestFinished(() => app.close());
  await app.register(fastifyTracing, options);
  let url: Promise<string> | undefined;
  return {
    app,
    spans,
    async get(path, init) {
      url ??= app.listen({ port: 0, host: '127.0.0.1' });
      return fetch(`${await url}${path}`, init);
    },
  };
}
