import { createRequire } from 'node:module';

import type * as api from '@opentelemetry/api';
import type * as express from '@org/tracing-express';
import type * as fastify from '@org/tracing-fastify';
import type * as koa from '@org/tracing-koa';
import type * as pgTracing from '@org/tracing-pg';

import type { Load, Setup } from './setup.ts';

/** The kit is this workspace's, as it is built; the frameworks are those of all set-ups. */
const own = createRequire(import.meta.url);

/** The kit, as its documentation says. */
export function setUpKit(variant: string, load: Load): Setup {
  // Each application loads the plugin of its own framework alone.
  const { initTracing } = own('@org/tracing-core') as typeof fastify;
  const { trace } = own('@opentelemetry/api') as typeof api;
  const tracing = initTracing({
    serviceName: 'bench',
    ...(variant === 'kit-unsampled' && { samplerRatio: 0 }),
  });
  const options = {
    layers: variant === 'kit-layers',
    ...(variant === 'kit-excluded' && { excludedUrls: '^/hello/' }),
  };
  return {
    fastify: (app) => app.register((own('@org/tracing-fastify') as typeof fastify).fastifyTracing, options),
    // The frameworks are not those that the plugins find.
    koa: (app) =>
      void app.use(
        (own('@org/tracing-koa') as typeof koa).koaTracing({ ...options, koa: load('koa') as never }),
      ),
    express: (app) => void app.use((own('@org/tracing-express') as typeof express).expressTracing(options)),
    pg: (pg) => void (own('@org/tracing-pg') as typeof pgTracing).tracePg(pg as never),
    spans(count) {
      const tracer = trace.getTracer('bench');
      for (let index = 0; index < count; index++) tracer.startActiveSpan('step', (span) => span.end());
    },
    flush: () => tracing.forceFlush(),
  };
}
