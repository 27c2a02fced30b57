import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import type { SpanSender } from './span-sender.ts';

/**
 * So many are made ready at once. The first of them pays for bringing the code and its tables into the caches, which a
 * request has thrown out again by its end; few enough not to burden the garbage collector.
 */
const AT_ONCE = 16;

/** Spans that have ended and are not yet what their sender keeps of them. */
export class EndedSpans {
  readonly #sender: SpanSender<object>;
  readonly #lost: (error: unknown) => void;
  #spans: ReadableSpan[] = [];
  /** Of those that are on their way to the queue. */
  #moving = 0;

  /** @param lost Told of a span that cannot be sent, which no other span shall suffer for. */
  constructor(sender: SpanSender<object>, lost: (error: unknown) => void) {
    this.#sender = sender;
    this.#lost = lost;
  }

  get size(): number {
    return this.#spans.length + this.#moving;
  }

  /** Adds a span. It goes on to `queue` at once where it need not be made ready, or with some others. */
  add(span: ReadableSpan, queue: object[]): void {
    if (this.#sender.keep === undefined) {
      queue.push(span);
      return;
    }
    this.#spans.push(span);
    if (this.#spans.length === AT_ONCE) this.moveTo(queue);
  }

  /** Adds what is kept of each to the end of `queue`. */
  moveTo(queue: object[]): void {
    const spans = this.#spans;
    if (spans.length === 0) return;
    this.#spans = [];
    // What is read of a span may run anybody's code, which may end spans and ask for their number.
    this.#moving += spans.length;
    for (const span of spans) {
      try {
        queue.push(this.#sender.keep?.(span) ?? span);
        this.#moving -= 1;
      } catch (error) {
        this.#moving -= 1;
        this.#lost(error);
      }
    }
  }

  clear(): void {
    this.#spans = [];
  }
}
