import { type Context, context } from '@opentelemetry/api';

import type { ConnectionParameters } from './connection-attributes.ts';
import type { PgTracing } from './options.ts';
import { isWrapped, type Method, withoutSpans } from './patch.ts';
import { readQueryCall } from './query-call.ts';
import { type QuerySpan, startQuerySpan } from './query-span.ts';
import { watchSubmittable } from './submittable.ts';
import { hasParent } from './tracer.ts';

interface QueryingClient {
  readonly connectionParameters?: ConnectionParameters;
  readonly query?: unknown;
}

/** `client.query` with a span; `original` is pg's. */
export function tracedQuery(original: Method, tracing: PgTracing): Method {
  const originalAlone = withoutSpans(original);

  return function query(this: unknown, ...args) {
    const client = this as QueryingClient;
    const caller = context.active();
    const isOthers = client.query !== query && isWrapped(client.query);
    if (!tracing.on || isOthers || (tracing.requireParent && !hasParent(caller)))
      return Reflect.apply(original, this, args);
    const call = readQueryCall(args);
    const span = startQuerySpan(call, client.connectionParameters ?? {}, caller, tracing);
    if (span === undefined) return Reflect.apply(original, this, args);

    const { submittable, callback } = call;
    if (submittable) watchSubmittable(submittable, caller, span);
    else if (callback) args[call.callbackIndex] = tracedCallback(callback, span, caller);
    let result: unknown;
    try {
      result = Reflect.apply(originalAlone, this, args);
    } catch (error) {
      span.fail(error);
      throw error;
    }
    if (submittable || callback) return result;
    // pg's own promise stays without a handler of ours, so that a rejection that nobody handles is still seen.
    return isPromise(result) ? tracedPromise(result, span) : result;
  };
}

const APPLICATION_CALLBACK = Symbol('callback of the application');

type TracedCallback = Method & { [APPLICATION_CALLBACK]?: Method };

function tracedCallback(callback: TracedCallback, span: QuerySpan, caller: Context): Method {
  // Old versions of pg leave the callback in the application's configuration object, which may be used again.
  const application = callback[APPLICATION_CALLBACK] ?? callback;
  const traced: TracedCallback = function (...results) {
    const [error, data] = results;
    if (error) span.fail(error);
    else span.succeed(data);
    return context.with(caller, application, this, ...results);
  };
  traced[APPLICATION_CALLBACK] = application;
  return traced;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function tracedPromise(result: PromiseLike<unknown>, span: QuerySpan): PromiseLike<unknown> {
  return result.then(
    (data) => {
      span.succeed(data);
      return data;
    },
    (error: unknown) => {
      span.fail(error);
      throw error;
    },
  );
}
