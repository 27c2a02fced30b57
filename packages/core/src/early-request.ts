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

const requests = new WeakMap<object, EarlyRequest>();
const bindings = new WeakMap<object, EmitterBinding>();
let isMeeting = false;

/**
 * Has every request of Node's HTTP/1 servers met before its framework has it, from now on.
 *
 * For a framework that gives each request and response a prototype of its own. V8 before version 12 (Node 20 and 22)
 * makes a hidden class for each object that gets a property after that, so that every access to such a request misses
 * all caches: half a microsecond to read, two to add a property. What is read and put here costs next to nothing.
 *
 * @param slots Properties that requests will be given later.
 */
export function meetRequestsEarly(slots: readonly symbol[]): void {
  if (isMeeting) return;
  isMeeting = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as StartedRequest;
    for (const slot of slots) (request as IncomingMessage & Record<symbol, unknown>)[slot] = undefined;
    requests.set(request, new EarlyRequest(request));
    bindings.set(request, new EmitterBinding(request, undefined));
    // Node itself listens to it, as soon as it has told of the request.
    bindings.set(response, new EmitterBinding(response, 'finish'));
  });
}

interface StartedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Undefined where the request was not met. */
export function earlyRequest(request: object): EarlyRequest | undefined {
  return isMeeting ? requests.get(request) : undefined;
}

/** The binding that was made for a request or a response that was met. */
export function earlyBinding(emitter: object): EmitterBinding | undefined {
  return isMeeting ? bindings.get(emitter) : undefined;
}
