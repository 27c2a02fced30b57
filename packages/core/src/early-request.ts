import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { EmitterBinding } from './emitter-binding.ts';
import type { Caller } from './request-caller.ts';
import type { OpenedSpan } from './server-span.ts';
import { sharedState } from './shared-state.ts';

/** What is read of a request in order to describe it; a request itself will do. */
export interface RequestFacts {
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly socket?: Socket | null;
}

/** A request as Node's server made it, and all that the kit holds of it while it is answered. */
export class MetRequest implements RequestFacts {
  headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method: string | undefined;
  readonly socket: Socket;
  readonly response: ServerResponse;
  readonly requestBinding: EmitterBinding;
  readonly responseBinding: EmitterBinding;
  span: OpenedSpan | undefined = undefined;
  caller: Caller | undefined = undefined;
  /** What the plugin whose framework this is keeps here, instead of a property of the request. */
  kept: unknown = undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const { headers, httpVersion, method, socket } = request;
    this.headers = headers;
    this.httpVersion = httpVersion;
    this.method = method;
    this.socket = socket;
    this.response = response;
    this.requestBinding = new EmitterBinding(request, undefined, true);
    // Node itself listens to it, as soon as it has told of the request.
    this.responseBinding = new EmitterBinding(response, 'finish', true);
  }
}

const MET = Symbol.for('@org/tracing.met');

interface MetMessage {
  [MET]?: MetRequest;
}

/**
 * Has every request of Node's HTTP/1 servers met before its framework has it, from now on.
 *
 * For a framework that gives each request and response a prototype of its own. V8 before version 12 (Node 20 and 22)
 * makes a hidden class for each object that gets a property after that, so that every access to such a request misses
 * all caches: a fifth of a microsecond to read, two to add a property. So it is given one now, which holds everything.
 * A `WeakMap` would be read as fast, but the collector of young objects pays for each of its entries as long as a request
 * takes.
 */
export function meetRequestsEarly(): void {
  const state = sharedState();
  if (state.meetsRequests) return;
  state.meetsRequests = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as StartedRequest;
    try {
      request[MET] = new MetRequest(request, response);
    } catch (error) {
      // What a subscriber throws ends the process, and a server may make requests of a class of its own.
      diag.debug(`a request could not be read before its framework had it: ${errorText(error)}`);
    }
  });
}

interface StartedRequest {
  readonly request: IncomingMessage & MetMessage;
  readonly response: ServerResponse;
}

/** What is held of a request that was met; undefined where it was not. */
export function metRequest(request: object): MetRequest | undefined {
  if (!sharedState().meetsRequests) return undefined;
  return Reflect.get(request, MET) as MetRequest | undefined;
}

/** The same of the request that a response answers. */
export function metByResponse(response: ServerResponse): MetRequest | undefined {
  if (!sharedState().meetsRequests) return undefined;
  const request: unknown = Reflect.get(response, 'req');
  const met = typeof request === 'object' && request !== null ? metRequest(request) : undefined;
  return met?.response === response ? met : undefined;
}
