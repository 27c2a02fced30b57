import type { HttpServerTracing } from '@org/tracing-core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/**
 * Traces what Fastify refuses before any hook runs: a path that cannot be decoded, a parameter that is too long, a
 * request while it closes. It answers these at once, so they are there, answered, when our listener, which comes
 * after Fastify's own, hears of them. A request without a server (`inject`) is not heard of.
 *
 * In the scope of the whole application alone: further in, what was answered may be of no concern of the plugin's.
 */
export function traceRefused(instance: FastifyInstance, tracing: HttpServerTracing<FastifyRequest>): void {
  // Scopes are made of the application by `Object.create`.
  if (!Object.hasOwn(instance, 'server')) return;
  instance.server.on('request', (request, response) => {
    if (response.headersSent) tracing.open(request).attach(response);
  });
}
