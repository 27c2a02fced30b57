import { type HttpFramework, type HttpServerOptions, serverSpanOf, traceHttpServer } from '@org/tracing-core';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';

import { answerWithin } from './answer-within.ts';
import { noLayer, prepareLayers, traceLayers } from './layers.ts';
import { matchedRoute, noteRoutes } from './matched-route.ts';
import { version } from './version.ts';

/** Options of {@link koaTracing}. */
export type KoaTracingOptions = HttpServerOptions<Context>;

const framework: HttpFramework<Context> = {
  scope: { name: '@org/tracing-koa', version },
  route: matchedRoute,
  clientAddress: (context) => context.ip,
};

/**
 * Koa middleware: one SERVER span for each request, named `METHOD /route/:param`, active during its whole
 * life. Use it before every other middleware.
 *
 * @throws TypeError when an option is not what it should be.
 * @example
 * const app = new Koa();
 * app.use(koaTracing());
 */
export function koaTracing(options: KoaTracingOptions = {}): Middleware {
  const tracing = traceHttpServer(framework, options);
  const { layers = false } = options;
  if (layers) prepareLayers();

  const prepared = new WeakSet<Koa>();
  function prepare(context: Context): void {
    if (prepared.has(context.app)) return;
    prepared.add(context.app);
    noteRoutes(context);
    // What a middleware has caught and answered by itself it tells the application by this event.
    context.app.on('error', (error: unknown, failed?: Context) => {
      if (failed?.req && serverSpanOf(failed.req)) tracing.open(failed.req).recordError(error);
    });
  }

  return noLayer(function tracingMiddleware(context, next) {
    prepare(context);
    // `koa-mount` takes its prefix off `req.url`.
    const span = tracing.open(context.req, context.originalUrl);
    span.attach(context.res, context);
    if (layers && serverSpanOf(context.req)?.isRecording()) traceLayers(context);
    const rest = span.run(() =>
      next().catch((error: unknown) => {
        span.recordError(error);
        throw error;
      }),
    );
    return answerWithin(context, span, rest);
  } satisfies Middleware as Middleware);
}
