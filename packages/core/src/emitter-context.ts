import type { EventEmitter } from 'node:events';

import { type Context, context } from '@opentelemetry/api';

/** Told what an emitter has emitted; `argument` is the first of the event's. */
export type EmitterWatch = (event: string | symbol, argument: unknown) => void;

/**
 * Makes every listener of `emitter` run with `active`, whenever and wherever it was added.
 *
 * Node emits `finish`, `close`, `data` and `end` of a request from the socket's own asynchronous context,
 * in which there is no span. Wrapping `emit` of the one object costs one closure, wrapping each listener
 * would cost one for each and would break `removeListener`.
 *
 * @param before Called before the listeners of an event.
 * @param after Called after them, whether or not one of them throws.
 */
export function bindEmitter(
  emitter: EventEmitter,
  active: Context,
  before?: EmitterWatch,
  after?: EmitterWatch,
): void {
  const emit = emitter.emit;
  emitter.emit = function emitInContext(this: EventEmitter, ...args: Parameters<EventEmitter['emit']>) {
    before?.(args[0], args[1]);
    try {
      return context.with(active, emit, this, ...args);
    } finally {
      after?.(args[0], args[1]);
    }
  };
}
