import type { RequestListener } from 'node:http';

import type { HttpBindings } from '@hono/node-server';
import { diag } from '@opentelemetry/api';
import { type HttpFramework, type HttpServerOptions, traceHttpServer } from '@org/tracing-core';
import type { Context, MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { findTargetHandler, isMiddleware } from 'hono/utils/handler';

/** Options of {@link honoTracing}: those of every plugin. Hooks are given Hono's context. */
export type HonoTracingOptions = HttpServerOptions<Context>;

/** A middleware, for `use` of a Hono application. */
export interface HonoTracing extends MiddlewareHandler {
  /**
   * Wraps what serves the application. The span then begins before Hono has the request and is active while the
   * body of the answer is sent; and what is refused before it reaches Hono has a span too.
   */
  listener(serve: RequestListener): RequestListener;
}

const framework: HttpFramework<Context> = {
  scope: { name: '@org/hono-plugin', version: '0.0.0' },
  route: matchedRoute,
};

/**
 * Hono middleware, on Node: one SERVER span for each request, named `METHOD /mount/route/:param`, active during its
 * whole life. Use it before every other middleware.
 *
 * @throws TypeError when an option is not what it should be.
 * @example
 * const app = new Hono();
 * const tracing = honoTracing();
 * app.use(tracing);
 * createServer(tracing.listener(getRequestListener(app.fetch))).listen(3000);
 */
export function honoTracing(options: HonoTracingOptions = {}): HonoTracing {
  const tracing = traceHttpServer(framework, options);
  if (tracing.layers) diag.warn(`${framework.scope.name}: layers has no effect: there are none of Hono’s`);

  async function tracingMiddleware(c: Context, next: () => Promise<void>): Promise<void> {
    // Neither is there in `app.request()`, and a WebSocket has no response.
    const { incoming, outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
    if (!incoming || !outgoing) return next();
    const span = tracing.open(incoming);
    span.attach(outgoing, c);
    try {
      await span.run(next);
    } catch (error) {
      // Hono catches errors, and nothing else that is thrown.
      span.recordError(c.error ?? error);
      throw error;
    }
    if (c.error) span.recordError(c.error);
  }

  function listener(serve: RequestListener): RequestListener {
    return function tracedListener(incoming, outgoing) {
      const span = tracing.open(incoming);
      span.attach(outgoing);
      return span.run(() => serve(incoming, outgoing));
    };
  }

  return Object.assign(tracingMiddleware, { listener });
}

/**
 * The route that the request came to last; where a middleware has answered for it, the one that would have been next.
 * Hono joins the paths of its mounts itself.
 */
function matchedRoute(c: Context): string | undefined {
  const reached = matchedRoutes(c).slice(c.req.routeIndex);
  return reached.find(({ method, handler }) => method !== 'ALL' || !isMiddleware(findTargetHandler(handler)))
    ?.path;
}
