import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';

import { type Context, context } from '@opentelemetry/api';

/** Told what an emitter has emitted; `argument` is the first of the event's. */
export type EmitterWatch = (event: string | symbol, argument: unknown) => void;

/** As {@link bindEmitter}, for the request that a server was sent. */
export function bindRequest(message: IncomingMessage, active: Context, after?: EmitterWatch): void {
  bindEmitter(message, active, undefined, after, isServed(message) ? 'end' : undefined);
}

/** As {@link bindEmitter}, for the response of a server. */
export function bindResponse(
  response: ServerResponse,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
): void {
  const nodesOwn = response instanceof ServerResponse && isServed(response.req) ? 'finish' : undefined;
  bindEmitter(response, active, before, after, nodesOwn);
}

/** Whether Node's own server has made the message, and listens to it; an adapter may make one of the same class. */
function isServed(message: IncomingMessage): boolean {
  const { socket }: { socket?: (object & { readonly server?: unknown }) | null } = message;
  return message instanceof IncomingMessage && socket?.server !== undefined;
}

/**
 * Makes every listener of `emitter` run with `active`, whenever and wherever it was added.
 *
 * Node emits `finish`, `close`, `data` and `end` of a request from the socket's own asynchronous context,
 * in which there is no span. Wrapping `emit` of the one object costs one closure, wrapping each listener
 * would cost one for each and would break `removeListener`.
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
  const { emit } = emitter;
  const isPlain = emit === EventEmitter.prototype.emit;
  const isNodes = nodesOwn !== undefined && emitter.listenerCount(nodesOwn) === 1;
  // V8 takes a function that is written where a property is assigned for a method, and makes it in the old generation:
  // whatever it holds, here the request with all that is its, would outlive every collection but the next full one.
  const emitInContext = function (this: EventEmitter, ...args: Parameters<EventEmitter['emit']>): boolean {
    const [event] = args;
    before?.(event, args[1]);
    try {
      if (isPlain && event !== 'error') {
        // A change of context costs, and most events of a request have no listener but Node's.
        const count = this.listenerCount(event);
        if (count === 0) return false;
        if (count === 1 && isNodes && event === nodesOwn) return Reflect.apply(emit, this, args);
      }
      // Without the function that is bound to `this` for each event.
      return context.with(active, Reflect.apply, undefined, emit, this, args) as boolean;
    } finally {
      after?.(event, args[1]);
    }
  };
  emitter.emit = emitInContext;
}
