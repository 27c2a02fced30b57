import { type HttpFramework, type HttpServerOptions, traceHttpServer } from '@org/tracing-core';
import type { Context, Middleware } from 'koa';

import { matchedRoute } from './matched-route.ts';
import { version } from './version.ts';

/** Options of {@link koaTracing}. */
export type KoaTracingOptions = HttpServerOptions;

const framework: HttpFramework<Context> = {
  scope: { name: '@org/tracing-koa', version },
  route: matchedRoute,
  clientAddress: (context) => context.ip,
};

/**
 * Koa middleware: one SERVER span for each request, named `METHOD /route/:param`, active during its whole
 * life. Use it before every other middleware.
 *
 * @example
 * const app = new Koa();
 * app.use(koaTracing());
 */
export function koaTracing(options: KoaTracingOptions = {}): Middleware {
  const tracing = traceHttpServer(framework, options);
  return function tracingMiddleware(context, next) {
    const span = tracing.open(context.req);
    span.attach(context.res, context);
    return span.run(() => next().catch((error: unknown) => {
      span.recordError(error);
      throw error;
    }));
  };
}
