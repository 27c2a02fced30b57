import type { IncomingMessage, ServerResponse } from 'node:http';

import { context, diag, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';

import { errorText } from './diagnostics.ts';
import type { RequestFacts } from './early-request.ts';
import { emitWithin } from './emitter-binding.ts';
import { bindRequest, bindRequestTo, bindResponse, bindResponseTo } from './emitter-context.ts';
import type { EndedRequest, Failure } from './request-description.ts';
import type { ServerSpan } from './server-span.ts';
import { wallTime } from './wall-clock.ts';

/** The context of every excluded request: immutable, so one serves for all. */
const SUPPRESSED = suppressTracing(ROOT_CONTEXT);

const emitSuppressed = emitWithin(SUPPRESSED);

/** Its answers depend on no request, so one serves for all; its request and response are bound like any other's. */
const EXCLUDED: ServerSpan<unknown> = {
  context: SUPPRESSED,
  run: (rest) => context.with(SUPPRESSED, rest),
  attach: (response) => bindResponseTo(response, SUPPRESSED, emitSuppressed),
  isRecording: () => false,
  recordError: () => undefined,
};

/** Leaves a request out: nothing that is called below it is traced or carries a trace. */
export function excludeRequest(message: IncomingMessage): ServerSpan<unknown> {
  bindRequestTo(message, SUPPRESSED, emitSuppressed);
  return EXCLUDED;
}

/**
 * Leaves a request out like {@link excludeRequest}, and tells of one that fails.
 *
 * @param failed Called at the end of a response of 5xx, with milliseconds since the Unix epoch.
 */
export function excludeUnlessFailed<Request>(
  message: IncomingMessage,
  facts: RequestFacts,
  failed: (ended: EndedRequest<Request>, startTime: number, endTime: number) => void,
): ServerSpan<Request> {
  const startTime = wallTime();
  const { method } = facts;
  let response: ServerResponse | undefined;
  let request: Request | undefined;
  let failure: Failure | undefined;
  let ended = false;
  bindRequest(message, SUPPRESSED);

  function settle(event: string | symbol): void {
    if (ended || (event !== 'finish' && event !== 'close')) return;
    ended = true;
    if (!response?.headersSent || response.statusCode < 500) return;
    try {
      failed({ method, request, response, failure, cutOff: undefined }, startTime, wallTime());
    } catch (error) {
      diag.error(`an excluded request that failed is not told in full: ${errorText(error)}`);
    }
  }

  return {
    context: SUPPRESSED,
    run: (rest) => context.with(SUPPRESSED, rest),
    attach(attached, frameworkRequest) {
      request ??= frameworkRequest;
      if (response !== undefined) return;
      response = attached;
      bindResponse(attached, SUPPRESSED, undefined, settle);
    },
    isRecording: () => true,
    recordError(error, replaces = false) {
      if (replaces || failure === undefined) failure = { error, time: wallTime() };
    },
  };
}
