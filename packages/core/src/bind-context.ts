import { type Context, context } from '@opentelemetry/api';

/**
 * Gives a function that always runs with the context in which it was bound, whoever calls it and when: the span that
 * is active here is active there. For what is called by something that requests share, such as a batcher, a pool or
 * a cache, and would else run in the context of the request that happened to come first.
 *
 * @param fn Function to bind; the result passes on `this`, arguments, result and errors.
 * @param active Context to bind to. Default: the active one.
 * @throws TypeError when `fn` is no function.
 * @example
 * emitter.once('ready', bindContext(() => log.info('ready')));
 */
export function bindContext<Arguments extends unknown[], Result>(
  fn: (...args: Arguments) => Result,
  active: Context = context.active(),
): (...args: Arguments) => Result {
  if (typeof fn !== 'function') throw new TypeError(`bindContext: expected a function; got ${typeof fn}`);
  return function bound(this: unknown, ...args) {
    return context.with(active, fn, this, ...args);
  };
}
