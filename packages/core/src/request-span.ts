import { errorMonitor, type EventEmitter } from 'node:events';
import { type IncomingMessage, ServerResponse } from 'node:http';

import { type Context, context, diag, type Span } from '@opentelemetry/api';

import { isResponseOver, whenResponseAbandoned } from './abandoned-response.ts';
import { answerRequestId } from './answered-header.ts';
import { errorText } from './diagnostics.ts';
import { metByResponse, type RequestFacts } from './early-request.ts';
import type { EmitterWatch } from './emitter-binding.ts';
import { bindRequest, bindResponse } from './emitter-context.ts';
import {
  describeOutcome,
  describeRequest,
  describeRoute,
  type EndedRequest,
  type Failure,
  outcomeOf,
} from './request-description.ts';
import { type OpenRequest, openRequests } from './open-requests.ts';
import { recordDuration } from './server-duration.ts';
import type { HttpServerTracer, ServerSpan } from './server-span.ts';
import { wallTime } from './wall-clock.ts';

/** The span of one request, from its arrival to the end of its response. */
export class RequestSpan<Request> implements OpenRequest, ServerSpan<Request> {
  readonly context: Context;
  earlier: OpenRequest | undefined;
  later: OpenRequest | undefined;
  /** Of the registration that opened the span. */
  readonly tracer: HttpServerTracer<Request>;
  readonly #message: IncomingMessage;
  readonly #facts: RequestFacts;
  /** As it arrived: an application may change it, to be asked for another route. */
  readonly #method: string | undefined;
  readonly #span: Span;
  /** False where another instrumentation opened the span: it is enriched, and ended by whoever opened it. */
  readonly #own: boolean;
  /** By the monotonic clock, in milliseconds; undefined where nobody wants durations. */
  readonly #began: number | undefined;
  #response: ServerResponse | undefined;
  #request: Request | undefined;
  #failure: Failure | undefined;
  #timedOut = false;
  #abandoned = false;
  #unwatchBody: (() => void) | undefined;
  #ended = false;
  #endedEarly = false;

  constructor(
    tracer: HttpServerTracer<Request>,
    message: IncomingMessage,
    facts: RequestFacts,
    span: Span,
    active: Context,
    own: boolean,
  ) {
    this.tracer = tracer;
    this.#message = message;
    this.#facts = facts;
    this.#method = facts.method;
    this.#span = span;
    this.#own = own;
    this.#began = own && tracer.duration.enabled ? performance.now() : undefined;
    this.context = active;
    if (own && span.isRecording()) openRequests()?.add(this);
    // A request that never got as far as its response must not stay open.
    bindRequest(message, active, (event) => {
      if (event === 'close' && this.#response === undefined) this.#end(event);
    });
  }

  run<T>(rest: () => T): T {
    return context.with(this.context, rest);
  }

  attach(response: ServerResponse, request?: Request): void {
    if (this.#response === undefined) {
      this.#response = response;
      answerRequestId(response, this.context, this.tracer.settings.requestId);
      // Whoever opened the span ends it in a listener, before which it must have been described.
      if (this.#own) bindResponse(response, this.context, undefined, this.#watch);
      else bindResponse(response, this.context, this.#watch);
      this.#watchConnection(response);
    }
    if (request === undefined || this.#request !== undefined || this.#ended) return;
    this.#request = request;
    if (!this.#span.isRecording()) return;
    describeRequest(this.tracer, this.#span, this.#facts, request);
    // Whoever opened the span may end it before its response is over.
    if (!this.#own) this.#nameByRoute(request);
  }

  isRecording(): boolean {
    return this.#began !== undefined || this.#span.isRecording();
  }

  recordError(error: unknown, replaces = false): void {
    if (replaces || this.#failure === undefined) this.#failure = { error, time: wallTime() };
  }

  endEarly(): void {
    this.#endedEarly = true;
    this.#end('close');
  }

  #nameByRoute(request: Request): void {
    try {
      describeRoute(this.#span, this.#method, this.tracer.framework.route(request));
    } catch (error) {
      diag.debug(`a server span has no route yet: ${errorText(error)}`);
    }
  }

  readonly #watch: EmitterWatch = (event, argument) => {
    if (event === 'finish' || event === 'close') this.#end(event);
    else if (event === 'timeout') this.#timedOut = true;
    else if (event === 'pipe') this.#watchBody(argument as EventEmitter);
    else if (event === 'unpipe') this.#unwatchBody?.();
  };

  /** There are ends of which the response itself says nothing, or has said it before anybody asked. */
  #watchConnection(response: ServerResponse): void {
    if (isOver(response)) this.#end(response.writableFinished ? 'finish' : 'close');
    whenResponseAbandoned(this.#message, response, () => {
      this.#abandoned = true;
      this.#end('close');
    });
  }

  /** A body that fails in the middle is told by nobody: most frameworks just cut the connection. */
  #watchBody(body: EventEmitter): void {
    if (!this.#span.isRecording()) return;
    this.#unwatchBody?.();
    const note = (error: unknown): void => this.recordError(error);
    body.once(errorMonitor, note);
    // A body may outlast the response: one that many are fed from would gather a listener of each.
    const unwatch = (): void => void body.off(errorMonitor, note);
    this.#unwatchBody = unwatch;
  }

  #end(event: 'close' | 'finish'): void {
    if (this.#ended) return;
    this.#ended = true;
    openRequests()?.delete(this);
    this.#unwatchBody?.();
    if (this.isRecording()) {
      try {
        this.#describe(event === 'finish' && isWhole(this.#response));
      } catch (error) {
        diag.error(`a server span is ended without what its response had to tell: ${errorText(error)}`);
      }
    }
    if (this.#own) this.#span.end();
    this.#request = undefined;
  }

  get #reason(): 'aborted' | 'shutdown' | 'timeout' {
    if (this.#endedEarly) return 'shutdown';
    return this.#timedOut ? 'timeout' : 'aborted';
  }

  #describe(finished: boolean): void {
    const response = this.#response;
    // An upgraded connection is not answered by its response, and ends by its close.
    const isCutOff = !finished && (response !== undefined || this.#endedEarly) && !isUpgraded(this.#message);
    if (isCutOff && response?.errored && !isNodesAbort(response.errored)) this.recordError(response.errored);
    const ended: EndedRequest<Request> = {
      method: this.#method,
      request: this.#request,
      response,
      failure: this.#failure,
      abandoned: this.#abandoned,
      finished,
      cutOff: isCutOff ? this.#reason : undefined,
    };
    const outcome = outcomeOf(this.tracer, ended);
    if (this.#began !== undefined) {
      recordDuration(
        this.tracer.duration,
        this.#facts,
        this.#method,
        outcome,
        performance.now() - this.#began,
      );
    }
    if (this.#span.isRecording()) describeOutcome(this.tracer, this.#span, ended, outcome);
  }
}

/** What Node, from 24 on, destroys a response with whose connection has closed before its turn came. */
function isNodesAbort(error: Error): boolean {
  return error.message === 'aborted' && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

/** Whether a response was over before it was given to us. */
function isOver(response: ServerResponse): boolean {
  return metByResponse(response)?.responseBinding.hasClosed ?? isResponseOver(response);
}

/** Over HTTP/2 `finish` is emitted for a response that its client has cancelled too. */
function isWhole(response: ServerResponse | undefined): boolean {
  if (response instanceof ServerResponse || response === undefined) return true;
  const { writableEnded = true, stream }: Http2Response = response;
  return writableEnded && !stream?.rstCode;
}

interface Http2Response {
  readonly writableEnded?: boolean;
  readonly stream?: { readonly rstCode?: number };
}

/** Node says so of a request that it handed to a listener of `upgrade`; its types leave it out. */
function isUpgraded(message: IncomingMessage & { readonly upgrade?: unknown }): boolean {
  return message.upgrade === true;
}
