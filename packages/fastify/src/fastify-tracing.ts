import { type Context, context } from '@opentelemetry/api';
import { type HttpFramework, type HttpServerOptions, traceHttpServer } from '@org/tracing-core';
import type { FastifyContextConfig, FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

import { traceLayers } from './layers.ts';
import { correlateLogger, openWithFirstLine, type OpenSpan } from './logger-correlation.ts';
import { traceRefused } from './refused-requests.ts';
import { ownRequestId, shareRequestId } from './request-id.ts';
import { version } from './version.ts';

/** Options of {@link fastifyTracing}. */
export type FastifyTracingOptions = HttpServerOptions<FastifyRequest>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False leaves the requests of this route out of tracing, with everything below them. */
    tracing?: boolean;
  }
}

const framework: HttpFramework<FastifyRequest> = {
  scope: { name: '@org/tracing-fastify', version },
  // Of `register` itself.
  otherOptions: ['prefix', 'logLevel', 'logSerializers'],
  route: (request) => request.routeOptions.url,
  clientAddress: (request) => request.ip,
  requestId: ownRequestId,
};

/** What `@fastify/otel` puts on a request. */
interface RequestOfOthers {
  readonly opentelemetry?: () => { readonly context?: Context | null };
}

// Asynchronous, so that Fastify turns a bad option into a failed start and not into an uncaught exception.
async function plugin(instance: FastifyInstance, options: FastifyTracingOptions): Promise<void> {
  const tracing = traceHttpServer(framework, options);
  const openNow: OpenSpan = (request) =>
    tracing.open(request.raw, undefined, request.routeOptions.config?.tracing === false, request);
  const open: OpenSpan = (request) => {
    // Where `@fastify/otel` came first, a span of its for our hook is active, and hides the one for the request.
    const others = (request as RequestOfOthers).opentelemetry?.().context;
    return others ? context.with(others, openNow, undefined, request) : openNow(request);
  };

  if (options.requestId) shareRequestId(instance, tracing);
  correlateLogger(instance.log);
  // Where another plugin opens spans, in a hook that came before ours, the first line is too early for ours.
  if (!instance.hasRequestDecorator('opentelemetry')) openWithFirstLine(instance, open);

  instance.addHook('onRequest', (request, reply, next) => {
    const span = open(request);
    span.attach(reply.raw, request);
    span.run(next);
  });

  instance.addHook('onError', (request, _reply, error, next) => {
    open(request).recordError(error);
    next();
  });

  instance.addHook('onRoute', ({ config }) => checkRouteConfig(config));

  traceRefused(instance, tracing);
  if (tracing.layers) traceLayers(instance, tracing.layers);
}

function checkRouteConfig(config: FastifyContextConfig | undefined): void {
  const tracing: unknown = config?.tracing;
  if (tracing === undefined || typeof tracing === 'boolean') return;
  throw new TypeError(`config.tracing: expected true or false; got ${String(tracing)} (${typeof tracing})`);
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
  fastify: '>=4.23 <6',
});
