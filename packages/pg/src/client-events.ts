import { context, ROOT_CONTEXT } from '@opentelemetry/api';

import type { PgTracing } from './options.ts';
import type { Method } from './patch.ts';

/** What a connection says by itself, in answer to nobody. */
const OF_CONNECTION = new Set<unknown>(['notification', 'notice', 'error', 'end']);

/**
 * `client.emit` that runs the listeners of the connection's own events in no request's context. The socket has that of
 * whoever opened the connection, whose request may be long over: what a listener asks or logs is not part of it.
 */
export function tracedEmit(original: Method, tracing: PgTracing): Method {
  return function emit(this: unknown, ...args) {
    if (!tracing.on || !OF_CONNECTION.has(args[0])) return Reflect.apply(original, this, args);
    return context.with(ROOT_CONTEXT, original, this, ...args);
  };
}
