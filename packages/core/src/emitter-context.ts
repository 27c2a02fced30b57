import type { EventEmitter } from 'node:events';

import { type Context, context } from '@opentelemetry/api';

/**
 * Makes every listener of `emitter` run with `active`, whenever and wherever it was added.
 *
 * Node emits `finish`, `close`, `data` and `end` of a request from the socket's own asynchronous context,
 * in which there is no span. Wrapping `emit` of the one object costs one closure, wrapping each listener
 * would cost one for each and would break `removeListener`.
 *
 * @param settled Called after the listeners of `finish` and `close`.
 */
export function bindEmitter(
  emitter: EventEmitter,
  active: Context,
  settled?: (event: 'finish' | 'close') => void,
): void {
  const emit = emitter.emit;
  emitter.emit = function emitInContext(this: EventEmitter, ...args: Parameters<EventEmitter['emit']>) {
    try {
      return context.with(active, emit, this, ...args);
    } finally {
      const event = args[0];
      if (settled && (event === 'finish' || event === 'close')) settled(event);
    }
  };
}
