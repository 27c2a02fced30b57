import type { ServerSpan } from '@org/tracing-core';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';

import { NotedPromise } from './noted-promise.ts';

type Composed = (context: Context) => Promise<unknown>;
type Handle = (this: Koa, context: Context, middleware: Composed) => unknown;

/** What Koa calls for each request, from 2.4 on. It answers in there, once the middleware has settled. */
interface HandlingKoa {
  handleRequest?: Handle;
}

/**
 * The requests that are handled inside of their span as a whole, so that Koa answers inside of it too and the
 * middleware need not see to that with promises of its own.
 */
export class WholeRequests {
  readonly #open: (context: Context) => ServerSpan<Context>;
  /** Between Koa's call and that of the first middleware, which is made at once. */
  #entered: Context | undefined;

  constructor(open: (context: Context) => ServerSpan<Context>) {
    this.#open = open;
  }

  /** From the next request on, where `middleware` is the first of the application: one before it is outside of the span. */
  handle(app: Koa, middleware: Middleware): void {
    const { handleRequest } = app as HandlingKoa;
    if (typeof handleRequest !== 'function') return;
    const enter = (context: Context): ServerSpan<Context> => {
      this.#entered = context;
      return this.#open(context);
    };
    const handleWithin: Handle = function (context, composed) {
      if (this.middleware[0] !== middleware) return handleRequest.call(this, context, composed);
      const span = enter(context);
      const noted = span.isRecording() ? notedBy(span, composed) : composed;
      return span.run(() => handleRequest.call(this, context, noted));
    };
    Reflect.defineProperty(app, 'handleRequest', { value: handleWithin, configurable: true, writable: true });
  }

  /** Whether the span of a request is open and active: asked by the middleware, once for each request. */
  hasEntered(context: Context): boolean {
    if (this.#entered !== context) return false;
    this.#entered = undefined;
    return true;
  }
}

/** The middleware of an application, with a span that is told what they throw. */
function notedBy(span: ServerSpan<Context>, composed: Composed): Composed {
  const note = (error: unknown): void => span.recordError(error);
  return (context) => new NotedPromise(composed(context), note);
}
