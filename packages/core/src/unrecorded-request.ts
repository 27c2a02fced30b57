import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { type Context, context } from '@opentelemetry/api';

import { answerRequestId } from './answered-header.ts';
import { emitWithin } from './emitter-binding.ts';
import { bindRequestTo, bindResponseTo } from './emitter-context.ts';
import type { HttpServerTracer, ServerSpan } from './server-span.ts';

/** A request whose span is not recorded, and of which nothing is measured: all that is left of it is its context. */
export class UnrecordedRequest<Request> implements ServerSpan<Request> {
  readonly context: Context;
  /** Of the registration that opened the span. */
  readonly tracer: HttpServerTracer<Request>;
  readonly #emit: EventEmitter['emit'];
  #isAttached = false;

  constructor(tracer: HttpServerTracer<Request>, message: IncomingMessage, active: Context) {
    this.tracer = tracer;
    this.context = active;
    this.#emit = emitWithin(active);
    bindRequestTo(message, active, this.#emit);
  }

  run<T>(rest: () => T): T {
    return context.with(this.context, rest);
  }

  attach(response: ServerResponse): void {
    if (this.#isAttached) return;
    this.#isAttached = true;
    answerRequestId(response, this.context, this.tracer.settings.requestId);
    bindResponseTo(response, this.context, this.#emit);
  }

  isRecording(): boolean {
    return false;
  }

  recordError(): void {
    // There is nobody to tell.
  }
}
