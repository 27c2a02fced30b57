import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { diag } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { EmitterBinding } from './emitter-binding.ts';
import { sharedState } from './shared-state.ts';

/** What is read of a request in order to describe it; a request itself will do. */
export interface RequestFacts {
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly socket?: Socket | null;
}

/** A request as Node's server made it. */
class EarlyRequest implements RequestFacts {
  headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method: string | undefined;
  readonly socket: Socket;

  constructor({ headers, httpVersion, method, socket }: IncomingMessage) {
    this.headers = headers;
    this.httpVersion = httpVersion;
    this.method = method;
    this.socket = socket;
  }
}

const EARLY = Symbol.for('@org/tracing.early');
const BINDING = Symbol.for('@org/tracing.binding');

interface MetMessage {
  [EARLY]?: EarlyRequest;
  [BINDING]?: EmitterBinding;
  [name: symbol]: unknown;
}

/**
 * Has every request of Node's HTTP/1 servers met before its framework has it, from now on.
 *
 * For a framework that gives each request and response a prototype of its own. V8 before version 12 (Node 20 and 22)
 * makes a hidden class for each object that gets a property after that, so that every access to such a request misses
 * all caches: half a microsecond to read, two to add a property. What is read and put here costs next to nothing.
 * A `WeakMap` would be read as fast, but the collector of young objects pays for each of its entries as long as a request
 * takes.
 *
 * @param names Properties that requests will be given later.
 */
export function meetRequestsEarly(names: readonly symbol[]): void {
  const state = sharedState();
  const known = state.earlyProperties;
  state.earlyProperties = new Set([...(known ?? []), ...names]);
  if (known) return;
  subscribe('http.server.request.start', (message) => {
    try {
      meet(message as StartedRequest, state.earlyProperties ?? []);
    } catch (error) {
      // What a subscriber throws ends the process, and a server may make requests of a class of its own.
      diag.debug(`a request could not be read before its framework had it: ${errorText(error)}`);
    }
  });
}

interface StartedRequest {
  readonly request: IncomingMessage & MetMessage;
  readonly response: ServerResponse & MetMessage;
}

function meet({ request, response }: StartedRequest, names: Iterable<symbol>): void {
  request[EARLY] = new EarlyRequest(request);
  for (const name of names) request[name] = undefined;
  request[BINDING] = new EmitterBinding(request, undefined);
  // Node itself listens to it, as soon as it has told of the request.
  response[BINDING] = new EmitterBinding(response, 'finish');
}

/** What is known of a request that was met; undefined where it was not. */
export function earlyFacts(request: IncomingMessage): RequestFacts | undefined {
  if (sharedState().earlyProperties === undefined) return undefined;
  const early = Reflect.get(request, EARLY) as EarlyRequest | undefined;
  // Whoever has the request first may have given it others, such as those that a proxy of his vouches for.
  if (early !== undefined) early.headers = Reflect.get(request, 'headers');
  return early;
}

/** The binding that was made for a request or a response that was met. */
export function earlyBinding(emitter: object): EmitterBinding | undefined {
  if (sharedState().earlyProperties === undefined) return undefined;
  return Reflect.get(emitter, BINDING) as EmitterBinding | undefined;
}
