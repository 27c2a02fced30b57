import { type Context, diag } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-node';

import { errorText } from '../diagnostics.ts';

/**
 * Hands each span to every processor. What one of them throws is said once and never reaches the code that
 * made the span, which the SDK alone would let happen.
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
    await this.#all('forceFlush');
  }

  /** Never rejects. */
  async shutdown(): Promise<void> {
    await this.#all('shutdown');
  }

  async #all(action: 'forceFlush' | 'shutdown'): Promise<void> {
    await Promise.all(
      this.#processors.map(async (processor) => {
        try {
          await processor[action]();
        } catch (error) {
          diag.warn(`${action} of ${processor.constructor.name} failed: ${errorText(error)}`);
        }
      }),
    );
  }

  #report(processor: SpanProcessor, method: string, error: unknown): void {
    const where = `${processor.constructor.name}.${method}`;
    if (this.#failed.has(where)) return;
    this.#failed.add(where);
    diag.error(`${where} of a span processor threw: ${errorText(error)}`);
  }
}
