import { type Context, context, type Span, SpanKind, type SpanOptions, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@org/tracing-core';

import {
  connectionAttributes,
  type ConnectionParameters,
  type PoolOptions,
  poolTarget,
} from './connection-attributes.ts';
import type { PgTracing } from './options.ts';
import { isWrapped, type Method } from './patch.ts';
import { observePool } from './pool-metrics.ts';
import { measurePoolWait } from './pool-wait.ts';
import { queryDuration } from './query-duration.ts';
import { recordQueryError } from './query-error.ts';
import { hasParent, tracer } from './tracer.ts';
import { isPromise } from './traced-query.ts';

/** `client.connect` with the span `pg.connect`, where such are asked for. */
export function tracedClientConnect(original: Method, tracing: PgTracing): Method {
  return tracedConnect(original, tracing, {
    name: 'pg.connect',
    describe: (client) => ({
      kind: SpanKind.CLIENT,
      attributes: connectionAttributes(
        (client as { connectionParameters?: ConnectionParameters }).connectionParameters ?? {},
      ),
    }),
  });
}

/**
 * `pool.connect`, which `pool.query` uses too, with the span `pg-pool.connect` where such are asked for. In any case
 * its callback runs in the caller's context: the pool calls it when another request gives its client back, and without
 * this the query would be traced as that request's. The first query is told how long the client was waited for.
 */
export function tracedPoolConnect(original: Method, tracing: PgTracing): Method {
  return tracedConnect(original, tracing, {
    name: 'pg-pool.connect',
    // To wait for a free client is no call to the server; the call is a `pg.connect` below it.
    describe: (pool) => ({
      kind: SpanKind.INTERNAL,
      attributes: connectionAttributes(poolTarget((pool as { options?: PoolOptions }).options ?? {})),
    }),
    follow: (pool, caller, isTraced) => {
      if (queryDuration.enabled) observePool(pool as object, tracing);
      const isRecorded = isTraced && trace.getSpan(caller)?.isRecording() !== false;
      return isRecorded && !isTracingSuppressed(caller) ? measurePoolWait(caller) : undefined;
    },
  });
}

interface ConnectTracing {
  /** Of the span. */
  readonly name: string;
  readonly describe: (receiver: unknown) => SpanOptions;
  /** Called at each call; the result, where there is one, is told the client. */
  readonly follow?: (
    receiver: unknown,
    caller: Context,
    isTraced: boolean,
  ) => ((client: unknown) => void) | undefined;
}

function tracedConnect(
  original: Method,
  tracing: PgTracing,
  { name, describe, follow }: ConnectTracing,
): Method {
  // Another instrumentation that was there before makes these spans itself.
  const wantsSpans = tracing.connectSpans && !isWrapped(original);

  return function connect(this: unknown, ...args) {
    if (!tracing.on) return Reflect.apply(original, this, args);
    const caller = context.active();
    const [callback] = args as [Method?];
    const isTraced = !tracing.requireParent || hasParent(caller);
    const given = follow?.(this, caller, isTraced);
    let span: Span | undefined;
    if (wantsSpans && isTraced && !isOthers(this, connect)) {
      span = tracer.startSpan(name, describe(this), caller);
      if (!span.isRecording()) span = undefined;
    }
    if (typeof callback === 'function') {
      const connected = function (this: unknown, ...results: unknown[]): unknown {
        const [error, client] = results;
        if (span) end(span, error);
        if (!error) given?.(client);
        return context.with(caller, callback, this, ...results);
      };
      args[0] = connected;
    }
    return span ? connectWithin(span, original, this, args, given) : told(original, this, args, given);
  };
}

/** The original; a promise that it gives tells of the client before anybody else hears of it. */
function told(
  original: Method,
  receiver: unknown,
  args: unknown[],
  given: ((client: unknown) => void) | undefined,
): unknown {
  const result = Reflect.apply(original, receiver, args);
  if (given === undefined || typeof args[0] === 'function' || !isPromise(result)) return result;
  return result.then((client) => {
    given(client);
    return client;
  });
}

/** Runs the original inside the span; ends it with the promise, where one is given. */
function connectWithin(
  span: Span,
  original: Method,
  receiver: unknown,
  args: unknown[],
  given: ((client: unknown) => void) | undefined,
): unknown {
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
      given?.(client);
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
