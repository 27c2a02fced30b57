import { callSafely, noteLibrary } from '@org/tracing-core/register-hooks';
import type Koa from 'koa';
import type { Middleware } from 'koa';

import { koaMiddleware } from './koa-middleware.ts';

/**
 * Traces every application of this copy of Koa: the middleware is put before all others when an application is made
 * to listen, by its `callback`.
 *
 * @throws TypeError when it is not Koa.
 */
export function traceEveryKoa(koa: unknown): void {
  const tracing = koaMiddleware(koa);
  const { prototype } = koa as typeof Koa;
  const { callback } = prototype;
  prototype.callback = function tracedCallback(this: Koa) {
    noteLibrary('koa');
    callSafely('an application of Koa is not traced', () => putFirst(this.middleware, tracing));
    return callback.call(this);
  };
}

function putFirst(stack: Middleware[], tracing: Middleware): void {
  // It is there already where an application listens twice.
  if (!stack.includes(tracing)) stack.unshift(tracing);
}
