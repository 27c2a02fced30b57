import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Request } from 'express';

import {
  type HttpFramework,
  type HttpServerOptions,
  type ServerSpan,
  serverSpanOf,
  traceHttpServer,
} from '@org/tracing-core';

import { clientAddress } from './client-address.ts';
import { type ExpressModule, followExpress } from './express-module.ts';
import { noLayer, OpenLayers } from './layer-spans.ts';
import { peek } from './peek.ts';
import { positionOf, RequestPosition, setPosition } from './request-position.ts';
import { followRouter, noteTracedBeginning, routerOf } from './router-following.ts';
import type { ExpressRequest, Next } from './router-shape.ts';
import { version } from './version.ts';

/** Options of {@link expressTracing}. */
export interface ExpressTracingOptions extends HttpServerOptions<Request> {
  /**
   * The `express` that the application uses. Express before 5.3 forgets the paths that routers and middleware
   * are mounted at; given here, they are kept from this call on. Without it they are rebuilt from requests, and
   * a route that cannot be rebuilt for certain is left out.
   */
  readonly express?: ExpressModule;
}

/** A middleware, for `use` of an Express application or router of any version. */
export type ExpressTracingMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

const framework: HttpFramework<ExpressRequest> = {
  scope: { name: '@org/tracing-express', version },
  otherOptions: ['express'],
  meetsEarly: true,
  route: (request) => positionOf(request)?.path(),
  clientAddress,
};

/**
 * Express middleware: one SERVER span for each request, named `METHOD /mount/:of/route/:param`, active during
 * its whole life. Use it before every other middleware. Errors are recorded without an error middleware.
 *
 * @throws TypeError when an option is not what it should be.
 * @example
 * const app = express();
 * app.use(expressTracing());
 */
export function expressTracing(options: ExpressTracingOptions = {}): ExpressTracingMiddleware {
  // What is used of a request here is less than what Express gives.
  const tracing = traceHttpServer(framework, options as unknown as HttpServerOptions<ExpressRequest>);
  const { layers } = tracing;
  const { express } = options;
  if (express !== undefined) followExpress(express);

  const tracingMiddleware = noLayer(function (request: ExpressRequest, response: ServerResponse, next: Next) {
    const before = positionOf(request);
    if (before === null) return next();
    // Used twice, or in a mounted application too: by now the context may hold more than the request's own.
    if (before?.span) {
      follow(request, response, tracingMiddleware);
      tracing.open(request);
      return next();
    }
    const span = tracing.open(request);
    if (span.isRecording()) begin(request, response, span);
    else {
      if (before) noteBeginning(request, tracingMiddleware);
      setPosition(request, null);
    }
    span.attach(response, request);
    span.run(next);
  });

  function begin(request: ExpressRequest, response: ServerResponse, span: ServerSpan<ExpressRequest>): void {
    const position = follow(request, response, tracingMiddleware);
    if (!position) return;
    position.span = span;
    if (layers && serverSpanOf(request)?.isRecording()) {
      position.layers = new OpenLayers(layers, request, response);
    }
  }

  return tracingMiddleware;
}

/** The position of a request, which began without one where its routers are met here for the first time. */
function follow(
  request: ExpressRequest,
  response: ServerResponse,
  middleware: ExpressTracingMiddleware,
): RequestPosition | undefined {
  const known = positionOf(request) ?? undefined;
  const app = peek(request, 'app');
  const router = routerOf(app);
  const routers = router && followRouter(router);
  if (!router || routers === 'unknown') return known;
  const isTop = app?.parent === undefined;
  const isDirect = isTop && router.stack.some((layer) => layer.handle === middleware);
  if (isTop) noteTracedBeginning(router, middleware);
  if (known && routers === 'known') return known;
  const position = known ?? new RequestPosition(request, response);
  position.isInRouter(isDirect);
  setPosition(request, position);
  return position;
}

/** Where a request had a position in vain. */
function noteBeginning(request: ExpressRequest, middleware: ExpressTracingMiddleware): void {
  const app = peek(request, 'app');
  const router = routerOf(app);
  if (router && app?.parent === undefined) noteTracedBeginning(router, middleware);
}
