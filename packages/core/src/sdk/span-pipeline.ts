import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

import { addBaggage } from '../baggage-attributes.ts';
import { errorText } from '../diagnostics.ts';
import { say } from '../say.ts';
import type { TracingReport } from '../tracing-report.ts';
import type { SpanOutput } from './span-outputs.ts';

/**
 * Hands each span, with the baggage that was asked for on it, to every processor, and counts it. What a processor throws is
 * said once and never reaches the code that made the span.
 */
export class SpanPipeline implements SpanProcessor {
  /** The application's, which see each span first, and our ways out. */
  readonly #processors: readonly (SpanOutput | SpanProcessor)[];
  /** Those of them that want to know of it. */
  readonly #toldOfStart: readonly SpanProcessor[];
  readonly #toldOfEnding: readonly SpanProcessor[];
  readonly #own: readonly SpanProcessor[];
  readonly #outputs: readonly SpanOutput[];
  readonly #failed = new Set<string>();
  #started = 0;
  #ended = 0;
  /** Spans that had ended when everything was last tried to send them. */
  #drained = 0;

  constructor(own: readonly SpanProcessor[], outputs: readonly SpanOutput[]) {
    this.#own = own;
    this.#outputs = outputs;
    const processors = [...own, ...outputs];
    this.#processors = processors;
    this.#toldOfStart = processors.filter((one): one is SpanProcessor => one.onStart !== undefined);
    this.#toldOfEnding = this.#toldOfStart.filter(({ onEnding }) => onEnding !== undefined);
  }

  /** Whether a span ended since the last {@link drain}. */
  get undrained(): boolean {
    return this.#ended > this.#drained;
  }

  onStart(span: Span, parentContext: Context): void {
    this.#started += 1;
    addBaggage(span, parentContext);
    for (const processor of this.#toldOfStart) {
      try {
        this.#watch(processor, 'onStart', processor.onStart(span, parentContext));
      } catch (error) {
        this.#report(processor, 'onStart', error);
      }
    }
  }

  onEnding(span: Span): void {
    for (const processor of this.#toldOfEnding) {
      try {
        this.#watch(processor, 'onEnding', processor.onEnding?.(span));
      } catch (error) {
        this.#report(processor, 'onEnding', error);
      }
    }
  }

  onEnd(span: ReadableSpan): void {
    this.#ended += 1;
    for (const processor of this.#processors) {
      try {
        this.#watch(processor, 'onEnd', processor.onEnd(span));
      } catch (error) {
        this.#report(processor, 'onEnd', error);
      }
    }
  }

  /** Never rejects. */
  async forceFlush(): Promise<void> {
    await all(this.#processors, 'forceFlush', (processor) => processor.forceFlush());
  }

  /** Sends each span as soon as it ends. */
  hasten(): void {
    for (const output of this.#outputs) output.hasten();
  }

  /** Tries to send everything, for so long at most. Never rejects. */
  async drain(timeoutMillis: number): Promise<void> {
    this.#drained = this.#ended;
    await Promise.all(this.#outputs.map((output) => output.drain(timeoutMillis)));
  }

  /** Sends what can be sent without the event loop. */
  lastWords(): void {
    for (const output of this.#outputs) output.lastWords();
  }

  /** Flushes what the application has beside our ways out. Never rejects. */
  async flushOwn(): Promise<void> {
    await all(this.#own, 'forceFlush', (processor) => processor.forceFlush());
  }

  /** Never rejects. */
  async shutdown(): Promise<void> {
    await all(this.#processors, 'shutdown', (processor) => processor.shutdown());
  }

  report(): TracingReport {
    return {
      started: this.#started,
      ended: this.#ended,
      exports: this.#outputs.map((output) => output.report()),
    };
  }

  /** An async function passes for one that returns nothing; what it rejects with would end the process. */
  #watch(processor: SpanOutput | SpanProcessor, method: string, returned: unknown): void {
    if (returned instanceof Promise) {
      returned.catch((error: unknown) => this.#report(processor, method, error));
    }
  }

  #report(processor: SpanOutput | SpanProcessor, method: string, error: unknown): void {
    const where = `${method} of ${nameOf(processor)}`;
    if (this.#failed.has(where)) return;
    this.#failed.add(where);
    say('error', `${where} threw, which is said once: ${errorText(error)}`);
  }
}

async function all(
  processors: readonly (SpanOutput | SpanProcessor)[],
  name: string,
  action: (processor: SpanOutput | SpanProcessor) => Promise<void>,
): Promise<void> {
  const work = processors.map(async (processor) => {
    try {
      await action(processor);
    } catch (error) {
      say('warn', `${name} of ${nameOf(processor)} failed: ${errorText(error)}`);
    }
  });
  await Promise.all(work);
}

function nameOf(processor: SpanOutput | SpanProcessor): string {
  if ('report' in processor) return processor.report().exporter;
  const { name } = processor.constructor;
  return name === 'Object' ? 'a span processor' : name;
}
