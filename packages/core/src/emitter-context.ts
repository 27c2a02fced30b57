import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';

import type { Context } from '@opentelemetry/api';

import { metByResponse, metRequest } from './early-request.ts';
import { EmitterBinding, type EmitterWatch } from './emitter-binding.ts';

/** As {@link bindEmitter}, for the request that a server was sent. */
export function bindRequest(message: IncomingMessage, active: Context, after?: EmitterWatch): void {
  if (bindEarly(metRequest(message)?.requestBinding, active, undefined, after)) return;
  bindEmitter(message, active, undefined, after, isServed(message) ? 'end' : undefined);
}

/** As {@link bindEmitter}, for the response of a server. */
export function bindResponse(
  response: ServerResponse,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
): void {
  if (bindEarly(metByResponse(response)?.responseBinding, active, before, after)) return;
  bindEmitter(response, active, before, after, isServedBy(response) ? 'finish' : undefined);
}

/**
 * As {@link bindRequest}, where nobody watches.
 *
 * @param emit Of {@link emitWithin} with that context.
 */
export function bindRequestTo(message: IncomingMessage, active: Context, emit: EventEmitter['emit']): void {
  if (bindEarly(metRequest(message)?.requestBinding, active)) return;
  if (isPlain(message) && isServed(message) && message.listenerCount('end') === 1) message.emit = emit;
  else bindEmitter(message, active);
}

/** As {@link bindResponse}, where nobody watches. */
export function bindResponseTo(response: ServerResponse, active: Context, emit: EventEmitter['emit']): void {
  if (bindEarly(metByResponse(response)?.responseBinding, active)) return;
  if (isPlain(response) && isServedBy(response) && response.listenerCount('finish') === 1)
    response.emit = emit;
  else bindEmitter(response, active);
}

function bindEarly(
  binding: EmitterBinding | undefined,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
): boolean {
  if (binding === undefined || binding.isBound) return false;
  binding.bind(active, before, after);
  return true;
}

function isPlain(emitter: EventEmitter): boolean {
  return emitter.emit === EventEmitter.prototype.emit;
}

/** As {@link isServed}, of the request that a response answers. */
function isServedBy(response: ServerResponse): boolean {
  return response instanceof ServerResponse && isServed(response.req);
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
