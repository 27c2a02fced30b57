import { context } from '@opentelemetry/api';

import type { PgTracing } from './options.ts';
import type { Method } from './patch.ts';

/** `pool.query` whose callback runs in the caller's context even where the pool calls it for a lost connection. */
export function tracedPoolQuery(original: Method, tracing: PgTracing): Method {
  return function query(this: unknown, ...args) {
    const last = args.length - 1;
    const callback = args[last] as Method;
    if (tracing.on && last > 0 && typeof callback === 'function') {
      const caller = context.active();
      const answered = function (this: unknown, ...results: unknown[]): unknown {
        return context.with(caller, callback, this, ...results);
      };
      args[last] = answered;
    }
    return Reflect.apply(original, this, args);
  };
}
