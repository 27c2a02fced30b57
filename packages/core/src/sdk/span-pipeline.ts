import { type Context, diag } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-node';

import { addBaggage } from '../baggage-attributes.ts';
import { errorText } from '../diagnostics.ts';
import { preciseStart } from './precise-start.ts';

/**
 * Hands each span, its start made precise and the baggage that was asked for on it, to every processor. What one of
 * them throws is said once and never
 * reaches the code that made the span, which the SDK alone would let happen.
 */
export class SpanPipeline implements SpanProcessor {
  readonly #processors: readonly SpanProcessor[];
  readonly #failed = new Set<string>();
  #unflushed = false;

  constructor(processors: readonly SpanProcessor[]) {
    this.#processors = processors;
  }

  /** Whether a span ended since the last flush. */
  get unflushed(): boolean {
    return this.#unflushed;
  }

  onStart(span: Span, parentContext: Context): void {
    preciseStart(span);
    addBaggage(span, parentContext);
    for (const processor of this.#processors) {
      try {
        processor.onStart(span, parentContext);
      } catch (error) {
        this.#report(processor, 'onStart', error);
      }
    }
  }

  onEnding(span: Span): void {
    for (const processor of this.#processors) {
      try {
        processor.onEnding?.(span);
      } catch (error) {
        this.#report(processor, 'onEnding', error);
      }
    }
  }

  onEnd(span: ReadableSpan): void {
    this.#unflushed = true;
    for (const processor of this.#processors) {
      try {
        processor.onEnd(span);
      } catch (error) {
        this.#report(processor, 'onEnd', error);
      }
    }
  }

  /** Never rejects. */
  async forceFlush(): Promise<void> {
    this.#unflushed = false;
    await this.#all('forceFlush', (processor) => processor.forceFlush());
  }

  /** Flushes, then shuts down. Never rejects. */
  async shutdown(): Promise<void> {
    // The batch processor's own shutdown flushes a moment later, when the context manager may be gone, by which
    // the exporter's calls are known for what they are.
    await this.forceFlush();
    await this.#all('shutdown', (processor) => processor.shutdown());
  }

  async #all(name: string, action: (processor: SpanProcessor) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#processors.map(async (processor) => {
        try {
          await action(processor);
        } catch (error) {
          diag.warn(`${name} of ${nameOf(processor)} failed: ${errorText(error)}`);
        }
      }),
    );
  }

  #report(processor: SpanProcessor, method: string, error: unknown): void {
    const where = `${method} of ${nameOf(processor)}`;
    if (this.#failed.has(where)) return;
    this.#failed.add(where);
    diag.error(`${where} threw, which is said once: ${errorText(error)}`);
  }
}

function nameOf(processor: SpanProcessor): string {
  const { name } = processor.constructor;
  return name === 'Object' ? 'a span processor' : name;
}
