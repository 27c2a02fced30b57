import { type HttpFramework, type HttpServerOptions, traceHttpServer } from '@org/tracing-core';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

import { traceLayers } from './layers.ts';
import { correlateLogger } from './logger-correlation.ts';
import { version } from './version.ts';

/** Options of {@link fastifyTracing}. */
export type FastifyTracingOptions = HttpServerOptions<FastifyRequest>;

const framework: HttpFramework<FastifyRequest> = {
  scope: { name: '@org/tracing-fastify', version },
  route: (request) => request.routeOptions.url,
  clientAddress: (request) => request.ip,
};

// Asynchronous, so that Fastify turns a bad option into a failed start and not into an uncaught exception.
async function plugin(instance: FastifyInstance, options: FastifyTracingOptions): Promise<void> {
  const tracing = traceHttpServer(framework, options);

  // Fastify writes "incoming request" before any hook runs; the id is the one thing that it asks for sooner.
  // (`genReqId` is a getter of the instance that Fastify's types leave out.)
  const { genReqId } = instance as { genReqId?: (request: FastifyRequest['raw']) => string };
  if (genReqId && correlateLogger(instance.log)) {
    instance.setGenReqId((request) => {
      tracing.open(request);
      return genReqId(request);
    });
  }

  instance.addHook('onRequest', (request, reply, next) => {
    const span = tracing.open(request.raw);
    span.attach(reply.raw, request);
    span.run(next);
  });

  instance.addHook('onError', (request, _reply, error, next) => {
    tracing.open(request.raw).recordError(error);
    next();
  });

  if (options.layers) traceLayers(instance);
}

/**
 * Fastify plugin: one SERVER span for each request, named `METHOD /route/:param`, active during its whole
 * life. Register it before other plugins, so that their hooks run inside the span. With `layers: true`, await the
 * registration: Fastify loads plugins later than it defines routes.
 *
 * @throws TypeError (the registration rejects) when an option is not what it should be.
 * @example
 * const app = fastify();
 * await app.register(fastifyTracing);
 */
export const fastifyTracing: FastifyPluginAsync<FastifyTracingOptions> = fastifyPlugin(plugin, {
  name: '@org/tracing-fastify',
  fastify: '>=4 <6',
});
