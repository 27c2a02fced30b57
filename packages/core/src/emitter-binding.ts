import { EventEmitter } from 'node:events';

import { type Context, context } from '@opentelemetry/api';

/** Told what an emitter has emitted; `argument` is the first of the event's. */
export type EmitterWatch = (event: string | symbol, argument: unknown) => void;

const { listenerCount } = EventEmitter.prototype;

/**
 * As `listenerCount`, for an emitter whose shape V8's caches do not know: Node's reads from it what keeps the listeners,
 * which takes six times as long there as a look-up past the caches.
 */
function countUncached(this: EventEmitter, event: string | symbol): number {
  const events = Reflect.get(this, '_events') as ListenersByEvent | undefined;
  if (events === undefined) return this.listenerCount(event);
  const listeners = events[event];
  if (listeners === undefined) return 0;
  return typeof listeners === 'function' ? 1 : listeners.length;
}

type ListenersByEvent = Readonly<Record<string | symbol, (() => void) | readonly (() => void)[] | undefined>>;

/**
 * An `emit` by which listeners of every emitter that is given it run with `active`: a request and a response of Node's server,
 * which listens to `end` and `finish` from before anybody else can. These need no context.
 */
export function emitWithin(active: Context): EventEmitter['emit'] {
  return function emitInContext(this: EventEmitter, ...args) {
    const [event] = args;
    // Asked for anew: `node:domain` puts another one there when it is loaded.
    const { emit } = EventEmitter.prototype;
    if (event !== 'error') {
      // A change of context costs, and most events of a request have no listener but Node's.
      const count = listenerCount.call(this, event);
      if (count === 0) return false;
      if (count === 1 && (event === 'end' || event === 'finish')) return Reflect.apply(emit, this, args);
    }
    return context.with(active, Reflect.apply, undefined, emit, this, args) as boolean;
  };
}

/**
 * The `emit` of one emitter, replaced. Once bound, every listener runs with a context, whenever and wherever it was
 * added.
 *
 * Node emits `finish`, `close`, `data` and `end` of a request from the socket's own asynchronous context,
 * in which there is no span. Wrapping `emit` of the one object costs one closure, wrapping each listener
 * would cost one for each and would break `removeListener`.
 */
export class EmitterBinding {
  #active: Context | undefined;
  #before: EmitterWatch | undefined;
  #after: EmitterWatch | undefined;
  #hasClosed = false;

  /**
   * @param nodesOwn An event whose only listener, where it has no more than one, is Node's, which needs no context.
   * @param isUncached Whether the emitter will be given a prototype of its own.
   */
  constructor(emitter: EventEmitter, nodesOwn: string | undefined, isUncached = false) {
    const count = isUncached ? countUncached : listenerCount;
    emitter.emit = EmitterBinding.#emitOf(this, emitter.emit, nodesOwn, count);
  }

  static #emitOf(
    binding: EmitterBinding,
    emit: EventEmitter['emit'],
    nodesOwn: string | undefined,
    countListeners: EventEmitter['listenerCount'],
  ): EventEmitter['emit'] {
    const isPlain = emit === EventEmitter.prototype.emit;
    return function emitInContext(this: EventEmitter, ...args) {
      const [event] = args;
      const active = binding.#active;
      if (active === undefined) {
        if (event === 'close') binding.#hasClosed = true;
        return Reflect.apply(emit, this, args);
      }
      binding.#before?.(event, args[1]);
      try {
        if (isPlain && event !== 'error') {
          // A change of context costs, and most events of a request have no listener but Node's.
          const count = countListeners.call(this, event);
          if (count === 0) return false;
          if (count === 1 && event === nodesOwn) return Reflect.apply(emit, this, args);
        }
        // Without the function that is bound to `this` for each event.
        return context.with(active, Reflect.apply, undefined, emit, this, args) as boolean;
      } finally {
        binding.#after?.(event, args[1]);
      }
    };
  }

  /** Whether the emitter has emitted `close` before it was bound. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  get isBound(): boolean {
    return this.#active !== undefined;
  }

  /**
   * @param before Called before the listeners of an event.
   * @param after Called after them, whether or not one of them throws.
   */
  bind(active: Context, before?: EmitterWatch, after?: EmitterWatch): void {
    this.#active = active;
    this.#before = before;
    this.#after = after;
  }
}
