import { context, type Span, SpanKind, type SpanOptions, trace } from '@opentelemetry/api';

import {
  connectionAttributes,
  type ConnectionParameters,
  type PoolOptions,
  poolTarget,
} from './connection-attributes.ts';
import type { PgTracing } from './options.ts';
import { isWrapped, type Method } from './patch.ts';
import { recordQueryError } from './query-error.ts';
import { hasParent, tracer } from './tracer.ts';
import { isPromise } from './traced-query.ts';

/** `client.connect` with the span `pg.connect`, where such are asked for. */
export function tracedClientConnect(original: Method, tracing: PgTracing): Method {
  return tracedConnect(original, tracing, 'pg.connect', (client) => ({
    kind: SpanKind.CLIENT,
    attributes: connectionAttributes(
      (client as { connectionParameters?: ConnectionParameters }).connectionParameters ?? {},
    ),
  }));
}

/**
 * `pool.connect`, which `pool.query` uses too, with the span `pg-pool.connect` where such are asked for. Its callback
 * runs in the caller's context in any case: the pool calls it when another request gives its client back, and without
 * this the query would be traced as that request's.
 */
export function tracedPoolConnect(original: Method, tracing: PgTracing): Method {
  return tracedConnect(original, tracing, 'pg-pool.connect', (pool) => ({
    // To wait for a free client is no call to the server; the call is a `pg.connect` below it.
    kind: SpanKind.INTERNAL,
    attributes: connectionAttributes(poolTarget((pool as { options?: PoolOptions }).options ?? {})),
  }));
}

function tracedConnect(
  original: Method,
  tracing: PgTracing,
  name: string,
  describe: (receiver: unknown) => SpanOptions,
): Method {
  // Another instrumentation that was there before makes these spans itself.
  const wantsSpans = tracing.connectSpans && !isWrapped(original);

  return function connect(this: unknown, ...args) {
    if (!tracing.on) return Reflect.apply(original, this, args);
    const caller = context.active();
    const [callback] = args as [Method?];
    let span: Span | undefined;
    if (wantsSpans && !isOthers(this, connect) && (!tracing.requireParent || hasParent(caller))) {
      span = tracer.startSpan(name, describe(this), caller);
      if (!span.isRecording()) span = undefined;
    }
    if (typeof callback === 'function') {
      args[0] = function (this: unknown, ...results: unknown[]) {
        if (span) end(span, results[0]);
        return context.with(caller, callback, this, ...results);
      };
    }
    if (span === undefined) return Reflect.apply(original, this, args);
    return connectWithin(span, original, this, args);
  };
}

/** Runs the original inside the span; ends it with the promise, where one is given. */
function connectWithin(span: Span, original: Method, receiver: unknown, args: unknown[]): unknown {
  const within = trace.setSpan(context.active(), span);
  let result: unknown;
  try {
    result = context.with(within, original, receiver, ...args);
  } catch (error) {
    end(span, error);
    throw error;
  }
  if (typeof args[0] === 'function' || !isPromise(result)) return result;
  return result.then(
    (client) => {
      end(span);
      return client;
    },
    (error: unknown) => {
      end(span, error);
      throw error;
    },
  );
}

function isOthers(receiver: unknown, own: Method): boolean {
  const { connect } = receiver as { connect?: unknown };
  return connect !== own && isWrapped(connect);
}

function end(span: Span, error?: unknown): void {
  if (error) recordQueryError(span, error);
  span.end();
}
