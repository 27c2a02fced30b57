import { callSafely, noteLibrary } from '@org/tracing-core/register-hooks';

import type { ExpressModule } from './express-module.ts';
import { expressTracing, type ExpressTracingMiddleware } from './express-tracing.ts';

interface TracedRouter {
  use(middleware: ExpressTracingMiddleware): unknown;
}

/** What an application is made of, with the application as receiver. */
interface ApplicationPrototype {
  /** Express 5: defines `router`, which makes one when it is first read. */
  init(this: object): unknown;
  /** Express 4: makes the router, unless there is one. */
  lazyrouter?(this: { _router?: TracedRouter }): unknown;
}

/**
 * Traces every application of this copy of Express that is made from now on: the middleware is the first that its router
 * is given. The router is made when it always was, since an application sets before what it is made by (`strict routing`).
 *
 * @throws TypeError when it is not Express.
 */
export function traceEveryExpress(express: unknown): void {
  const tracing = expressTracing({ express: express as ExpressModule });
  const { application } = express as { application: ApplicationPrototype };
  if (typeof application.lazyrouter === 'function') {
    traceLazyRouter(application, application.lazyrouter, tracing);
  } else {
    traceRouter(application, tracing);
  }
}

function traceLazyRouter(
  application: ApplicationPrototype,
  lazyrouter: NonNullable<ApplicationPrototype['lazyrouter']>,
  tracing: ExpressTracingMiddleware,
): void {
  application.lazyrouter = function tracedRouter() {
    const isNew = this._router === undefined;
    const result = lazyrouter.call(this);
    if (isNew) putFirst(this._router, tracing);
    return result;
  };
}

function traceRouter(application: ApplicationPrototype, tracing: ExpressTracingMiddleware): void {
  const { init } = application;
  application.init = function tracedInit() {
    const result = init.call(this);
    const router = Object.getOwnPropertyDescriptor(this, 'router');
    const read = router?.get as (() => TracedRouter) | undefined;
    if (!router?.configurable || read === undefined) return result;
    let isTraced = false;
    Object.defineProperty(this, 'router', {
      ...router,
      get() {
        const made = read.call(this);
        if (!isTraced) {
          isTraced = true;
          putFirst(made, tracing);
        }
        return made;
      },
    });
    return result;
  };
}

/** Nothing is in a router that has just been made. */
function putFirst(router: TracedRouter | undefined, tracing: ExpressTracingMiddleware): void {
  noteLibrary('express');
  callSafely('an application of Express is not traced', () => router?.use(tracing));
}
