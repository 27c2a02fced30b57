import type { ServerSpan } from '@org/tracing-core';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';

type Handle = (this: Koa, context: Context, middleware: (context: Context) => Promise<unknown>) => unknown;

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
  #entered: { readonly context: Context; readonly span: ServerSpan<Context> } | undefined;

  constructor(open: (context: Context) => ServerSpan<Context>) {
    this.#open = open;
  }

  /** From the next request on, where `middleware` is the first of the application: one before it is outside of the span. */
  handle(app: Koa, middleware: Middleware): void {
    const { handleRequest } = app as HandlingKoa;
    if (typeof handleRequest !== 'function') return;
    const enter = (context: Context): ServerSpan<Context> => {
      const span = this.#open(context);
      this.#entered = { context, span };
      return span;
    };
    const handleWithin: Handle = function (context, composed) {
      if (this.middleware[0] !== middleware) return handleRequest.call(this, context, composed);
      return enter(context).run(() => handleRequest.call(this, context, composed));
    };
    Reflect.defineProperty(app, 'handleRequest', { value: handleWithin, configurable: true, writable: true });
  }

  /** The span of a request, where the middleware is called for it as the first. */
  take(context: Context): ServerSpan<Context> | undefined {
    const entered = this.#entered;
    if (entered?.context !== context) return undefined;
    this.#entered = undefined;
    return entered.span;
  }
}
