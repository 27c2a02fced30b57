import { type Context, context } from '@opentelemetry/api';
import { isTracingSuppressed } from '@org/tracing-core';

import { resetApplicationName, setApplicationName } from './application-name.ts';
import { sendWithText, withText } from './commented-query.ts';
import type { PgTracing } from './options.ts';
import { isWrapped, type Method, withoutSpans } from './patch.ts';
import { type QueryCall, readQueryCall } from './query-call.ts';
import { queryDuration } from './query-duration.ts';
import { harmless, type RunningQuery } from './running-query.ts';
import { withComment } from './sql-comment.ts';
import { type QueryingClient, startQuery } from './start-query.ts';
import { watchSubmittable } from './submittable.ts';
import { hasParent } from './tracer.ts';

type Client = QueryingClient & { readonly query?: unknown };

/** `client.query` with a span; `original` is pg's. */
export function tracedQuery(original: Method, tracing: PgTracing): Method {
  const originalAlone = withoutSpans(original);

  return function query(this: unknown, ...args) {
    const client = this as Client;
    const isOthers = client.query !== query && isWrapped(client.query);
    if (!tracing.on || isOthers) return Reflect.apply(original, this, args);
    const caller = context.active();
    const span = !tracing.requireParent || hasParent(caller);
    const duration = queryDuration.enabled && !isTracingSuppressed(caller);
    const call = span || duration ? readQueryCall(args) : undefined;
    const running = call && startQuery(call, client, caller, tracing, { span, duration });
    if (tracing.applicationName && running?.span === undefined) resetApplicationName(client, originalAlone);
    if (call === undefined || running === undefined) return Reflect.apply(original, this, args);

    if (running.span) carryTrace(client, call, args, running, caller);
    const { submittable, callback } = call;
    if (submittable) watchSubmittable(submittable, caller, running);
    else if (callback) args[call.callbackIndex] = tracedCallback(callback, running, caller);
    let result: unknown;
    try {
      result = Reflect.apply(originalAlone, this, args);
    } catch (error) {
      running.fail(error);
      throw error;
    }
    if (submittable || callback) return result;
    // pg's own promise stays without a handler of ours, so that a rejection that nobody handles is still seen.
    return isPromise(result) ? tracedPromise(result, running) : result;
  };

  /** Tells the server which span the query belongs to, in the ways that were asked for. */
  function carryTrace(
    client: Client,
    call: QueryCall,
    args: unknown[],
    { span }: RunningQuery,
    caller: Context,
  ): void {
    const { text, name, submittable } = call;
    const { sqlComments, applicationName } = tracing;
    if (span === undefined || (!sqlComments && !applicationName)) return;
    if (applicationName && (text ?? name ?? submittable) !== undefined) {
      setApplicationName(client, span, originalAlone);
    }
    const mayComment = name === undefined && !client.connectionParameters?.replication;
    if (!sqlComments || text === undefined || !mayComment) return;
    harmless('propagator', () => {
      const commented = withComment(text, span, caller, sqlComments);
      if (commented === text) return;
      if (submittable) sendWithText(submittable, commented);
      else args[0] = withText(args[0], commented);
    });
  }
}

const APPLICATION_CALLBACK = Symbol('callback of the application');

type TracedCallback = Method & { [APPLICATION_CALLBACK]?: Method };

function tracedCallback(callback: TracedCallback, running: RunningQuery, caller: Context): Method {
  // Old versions of pg leave the callback in the application's configuration object, which may be used again.
  const application = callback[APPLICATION_CALLBACK] ?? callback;
  const traced: TracedCallback = function (...results) {
    const [error, data] = results;
    if (error) running.fail(error);
    else running.succeed(data);
    return context.with(caller, application, this, ...results);
  };
  traced[APPLICATION_CALLBACK] = application;
  return traced;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function tracedPromise(result: PromiseLike<unknown>, running: RunningQuery): PromiseLike<unknown> {
  return result.then(
    (data) => {
      running.succeed(data);
      return data;
    },
    (error: unknown) => {
      running.fail(error);
      throw error;
    },
  );
}
