import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';

import { type Context, context, diag, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { bindEmitter } from './emitter-context.ts';
import type { OutgoingCall, OutgoingResponse, OutgoingTracer } from './outgoing-call.ts';
import { isActiveClientSpan } from './outgoing-company.ts';
import { CreatedRequest, headersOf, PlannedRequest, type RequestArguments } from './outgoing-node-request.ts';

type MakeRequest = (...args: RequestArguments) => ClientRequest;

interface HttpModule {
  request: MakeRequest;
  get: MakeRequest;
}

/**
 * Traces what is called by `request` and `get` of `node:http` and `node:https`.
 *
 * The request is made first and described then, before its head is sent. So whatever else has wrapped these
 * functions has had its turn, and shows in the headers.
 *
 * @returns Stops it and restores the modules.
 */
export function traceNodeHttp(tracer: OutgoingTracer): () => void {
  const undo = [
    wrapModule(http as HttpModule, 'http:', tracer),
    wrapModule(https as HttpModule, 'https:', tracer),
  ];
  // A name imported from a builtin is a copy made at link time; this makes the copies follow.
  syncBuiltinESMExports();
  return () => {
    for (const step of undo) step();
    syncBuiltinESMExports();
  };
}

function wrapModule(module: HttpModule, protocol: string, tracer: OutgoingTracer): () => void {
  const { request: makeRequest, get: makeGet } = module;
  let running = true;
  function request(...args: RequestArguments): ClientRequest {
    if (!running) return makeRequest(...args);
    const active = context.active();
    const planned = PlannedRequest.of(args, protocol);
    return planned
      ? tracePlanned(tracer, makeRequest, planned, active)
      : traceCreated(tracer, makeRequest, args, active);
  }
  // Node's own `get` ends the request before it can be given headers.
  function get(...args: RequestArguments): ClientRequest {
    if (!running) return makeGet(...args);
    const sent = request(...args);
    sent.end();
    return sent;
  }
  module.request = request;
  module.get = get;
  return () => {
    // Where somebody has wrapped ours since, it stays below and does nothing.
    running = false;
    if (module.request === request) module.request = makeRequest;
    if (module.get === get) module.get = makeGet;
  };
}

function traceCreated(
  tracer: OutgoingTracer,
  makeRequest: MakeRequest,
  args: RequestArguments,
  active: Context,
): ClientRequest {
  const request = makeRequest(...args);
  // Whoever is wrapped below may have sent the head; nothing can be added to it.
  if (request.headersSent) return request;
  const call = tracer.begin(new CreatedRequest(request, args), active, (carried) =>
    isAnothers(carried, active, args),
  );
  watch(request, active, call);
  return request;
}

/** A head that Node writes while it makes the request has to be complete before. */
function tracePlanned(
  tracer: OutgoingTracer,
  makeRequest: MakeRequest,
  planned: PlannedRequest,
  active: Context,
): ClientRequest {
  const call = tracer.begin(planned, active, (carried) => isActiveClientSpan(active, carried));
  try {
    const request = makeRequest(...planned.arguments());
    watch(request, active, call);
    return request;
  } catch (error) {
    call?.failed(error);
    throw error;
  }
}

/** Whether somebody who wraps these functions as well, around ours or within, has traced the call. */
function isAnothers(carried: SpanContext, active: Context, args: RequestArguments): boolean {
  if (isActiveClientSpan(active, carried)) return true;
  if (carried.spanId === trace.getSpanContext(active)?.spanId) return false;
  // What the application passed in, headers of a request that it forwards say, nobody has made for this call.
  const given = Object.values(headersOf(args) ?? {});
  return !given.some((value) => String(value).includes(carried.spanId));
}

function watch(
  request: ClientRequest & { readonly res?: IncomingMessage },
  active: Context,
  call: OutgoingCall | undefined,
): void {
  // Events of a socket that is kept alive come in the context of the request that opened it.
  if (call === undefined && active === ROOT_CONTEXT) return;
  bindEmitter(request, active, (event, argument) => {
    if (event === 'response') {
      const response = argument as IncomingMessage;
      tell(call, response);
      watchResponse(response, active, call);
    } else if (event === 'upgrade' || event === 'connect') {
      tell(call, argument as IncomingMessage);
      call?.end();
    } else if (event === 'error') {
      call?.failed(argument);
    } else if (event === 'close') {
      endAt(call, request.res);
    }
  });
}

function watchResponse(response: IncomingMessage, active: Context, call: OutgoingCall | undefined): void {
  bindEmitter(response, active, (event, argument) => {
    if (event === 'end') {
      call?.end();
    } else if (event === 'error') {
      call?.failed(argument);
    } else if (event === 'close') {
      endAt(call, response);
    }
  });
}

/** A response that was cut off says so itself where it has a listener, and after its request has closed. */
function endAt(call: OutgoingCall | undefined, response: IncomingMessage | undefined): void {
  if (response?.errored) call?.failed(response.errored);
  else call?.end();
}

function tell(call: OutgoingCall | undefined, response: IncomingMessage): void {
  if (call === undefined) return;
  try {
    call.connected(response.socket, response.httpVersion);
    call.answered(new NodeResponse(response));
  } catch (error) {
    diag.error(`a client span lacks what its response had to tell: ${errorText(error)}`);
  }
}

class NodeResponse implements OutgoingResponse {
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  get status(): number {
    return this.#message.statusCode ?? 0;
  }

  header(name: string): string | undefined {
    return this.#message.headersDistinct[name]?.at(-1);
  }

  *headers(): Iterable<readonly [string, readonly string[]]> {
    for (const [name, values = []] of Object.entries(this.#message.headersDistinct)) yield [name, values];
  }
}
