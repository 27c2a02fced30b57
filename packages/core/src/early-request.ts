import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { EmitterBinding } from './emitter-binding.ts';

/** What is read of a request in order to describe it; a request itself will do. */
export interface RequestFacts {
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method?: string | undefined;
  readonly socket?: Socket | null;
}

/** A request as Node's server made it. */
export class EarlyRequest implements RequestFacts {
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
  readonly method: string | undefined;
  readonly socket: Socket;
  readonly url: string | undefined;

  constructor({ headers, httpVersion, method, socket, url }: IncomingMessage) {
    this.headers = headers;
    this.httpVersion = httpVersion;
    this.method = method;
    this.socket = socket;
    this.url = url;
  }
}

const EARLY = Symbol('@org/tracing.early');
const BINDING = Symbol('@org/tracing.binding');

interface MetMessage {
  [EARLY]?: EarlyRequest;
  [BINDING]?: EmitterBinding;
  [name: symbol]: unknown;
}

const properties = new Set<symbol>();

/**
 * Has every request of Node's HTTP/1 servers met before its framework has it, from now on.
 *
 * For a framework that gives each request and response a prototype of its own. V8 before version 12 (Node 20 and 22)
 * makes a hidden class for each object that gets a property after that, so that every access to such a request misses
 * all caches: half a microsecond to read, two to add a property. What is read and put here costs next to nothing.
 *
 * A `WeakMap` would be read as fast, but the collector of young objects pays for each of its entries as long as a request
 * takes.
 *
 * @param named Properties that requests will be given later.
 */
export function meetRequestsEarly(named: readonly symbol[]): void {
  const isMeeting = properties.size > 0;
  for (const name of named) properties.add(name);
  if (isMeeting) return;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as StartedRequest;
    request[EARLY] = new EarlyRequest(request);
    request[BINDING] = new EmitterBinding(request, undefined);
    for (const name of properties) request[name] = undefined;
    // Node itself listens to it, as soon as it has told of the request.
    response[BINDING] = new EmitterBinding(response, 'finish');
  });
}

interface StartedRequest {
  readonly request: IncomingMessage & MetMessage;
  readonly response: ServerResponse & MetMessage;
}

/** Undefined where the request was not met. */
export function earlyRequest(request: object): EarlyRequest | undefined {
  return properties.size > 0 ? (Reflect.get(request, EARLY) as EarlyRequest | undefined) : undefined;
}

/** The binding that was made for a request or a response that was met. */
export function earlyBinding(emitter: object): EmitterBinding | undefined {
  return properties.size > 0 ? (Reflect.get(emitter, BINDING) as EmitterBinding | undefined) : undefined;
}
