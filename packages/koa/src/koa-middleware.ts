import { diag } from '@opentelemetry/api';
import {
  type HttpFramework,
  type HttpServerOptions,
  type ServerSpan,
  serverSpanOf,
  traceHttpServer,
} from '@org/tracing-core';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';

import { answerWithin, failWithin } from './answer-within.ts';
import { hasLayers, noLayer, prepareLayers, traceLayers } from './layers.ts';
import { adoptRequest, matchedRoute, noteRoutes } from './matched-route.ts';
import { version } from './version.ts';
import { WholeRequests } from './whole-request.ts';

/** Options of `koaTracing`. */
export interface KoaTracingOptions extends HttpServerOptions<Context> {
  /**
   * The class that the application is made of. Default: the `koa` that this package finds; needed for `layers` where
   * the application has another copy.
   */
  readonly koa?: typeof Koa;
}

const framework: HttpFramework<Context> = {
  scope: { name: '@org/tracing-koa', version },
  otherOptions: ['koa'],
  route: matchedRoute,
  clientAddress: (context) => context.ip,
};

/**
 * The middleware of `koaTracing`, which imports no Koa: it traces an application of a copy that is given.
 *
 * @param given The class that the application is made of.
 * @throws TypeError when that is none, or an option is not what it should be.
 */
export function koaMiddleware(given: unknown, options: KoaTracingOptions = {}): Middleware {
  const tracing = traceHttpServer(framework, options);
  const { layers } = tracing;
  const koa = koaClass(given);
  noteRoutes(new koa());
  if (layers) prepareLayers(koa);

  const prepared = new WeakSet<Koa>();
  function prepare(context: Context): void {
    const { app } = context;
    if (prepared.has(app)) return;
    prepared.add(app);
    noteRoutes(app);
    adoptRequest(context);
    failWithin(app);
    whole.handle(app, tracingMiddleware);
    if (layers && !hasLayers(app)) {
      diag.warn(
        'koa: the application is of another copy of Koa than was given or found; it has no layer spans',
      );
    }
    // What a middleware has caught and answered by itself it tells the application by this event.
    app.on('error', (error: unknown, failed?: Context) => {
      if (failed?.req && serverSpanOf(failed.req)) tracing.open(failed.req).recordError(error);
    });
  }

  function open(context: Context): ServerSpan<Context> {
    // `koa-mount` takes its prefix off `req.url`.
    const span = tracing.open(context.req, context.originalUrl);
    span.attach(context.res, context);
    if (layers && serverSpanOf(context.req)?.isRecording()) traceLayers(context, layers);
    return span;
  }

  const whole = new WholeRequests(open);
  const tracingMiddleware = noLayer(function tracingMiddleware(context, next) {
    if (whole.hasEntered(context)) return next();
    prepare(context);
    const span = open(context);
    const rest = span.run(next).catch((error: unknown) => {
      span.recordError(error);
      throw error;
    });
    return answerWithin(span, rest);
  } satisfies Middleware as Middleware);
  return tracingMiddleware;
}

function koaClass(given: unknown): typeof Koa {
  const prototype: unknown = typeof given === 'function' ? given.prototype : undefined;
  if (typeof (prototype as Partial<Koa> | undefined)?.use === 'function') return given as typeof Koa;
  throw new TypeError(`koa: expected the class Koa; got ${String(given)} (${typeof given})`);
}
