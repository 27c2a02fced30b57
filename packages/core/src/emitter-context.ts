import type { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';

import type { Context } from '@opentelemetry/api';

import { earlyBinding } from './early-request.ts';
import { EmitterBinding, type EmitterWatch } from './emitter-binding.ts';

/** As {@link bindEmitter}, for the request that a server was sent. */
export function bindRequest(message: IncomingMessage, active: Context, after?: EmitterWatch): void {
  if (bindEarly(message, active, undefined, after)) return;
  bindEmitter(message, active, undefined, after, isServed(message) ? 'end' : undefined);
}

/** As {@link bindEmitter}, for the response of a server. */
export function bindResponse(
  response: ServerResponse,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
): void {
  if (bindEarly(response, active, before, after)) return;
  const nodesOwn = response instanceof ServerResponse && isServed(response.req) ? 'finish' : undefined;
  bindEmitter(response, active, before, after, nodesOwn);
}

function bindEarly(
  emitter: object,
  active: Context,
  before: EmitterWatch | undefined,
  after: EmitterWatch | undefined,
): boolean {
  const binding = earlyBinding(emitter);
  if (binding === undefined || binding.isBound) return false;
  binding.bind(active, before, after);
  return true;
}

/** Whether Node's own server has made the message, and listens to it; an adapter may make one of the same class. */
function isServed(message: IncomingMessage): boolean {
  const { socket }: { socket?: (object & { readonly server?: unknown }) | null } = message;
  return message instanceof IncomingMessage && socket?.server !== undefined;
}

/**
 * Makes every listener of `emitter` run with `active`, as {@link EmitterBinding} does.
 *
 * @param before Called before the listeners of an event.
 * @param after Called after them, whether or not one of them throws.
 * @param nodesOwn An event to which Node itself listens from before anybody else can: a single listener that is there
 *   now needs no context.
 */
export function bindEmitter(
  emitter: EventEmitter,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
  nodesOwn?: string,
): void {
  const isNodes = nodesOwn !== undefined && emitter.listenerCount(nodesOwn) === 1;
  new EmitterBinding(emitter, isNodes ? nodesOwn : undefined).bind(active, before, after);
}
