import {
  type Attributes,
  context,
  propagation,
  ProxyTracerProvider,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { toSpanRecord } from '@org/tracing-core';

import { checkKeys } from './checked-options.ts';
import { type CollectedSpans, spanCollection, type WaitOptions } from './span-collection.ts';

/** Collects the spans of this process through a span processor, for a provider that is made elsewhere. */
export interface SpanCollector extends CollectedSpans {
  /** For `initTracing({ spanProcessors: [collector.processor] })` or any other provider. */
  readonly processor: SpanProcessor;
  /** How many spans have been started, as far as they are recorded. */
  readonly started: number;
  /** How many of them have ended. */
  readonly ended: number;
  /**
   * Resolves as soon as every span that was started has ended.
   *
   * @throws Error at the time limit; the message names the spans that are still open.
   */
  settled(options?: WaitOptions): Promise<void>;
}

/** Options of {@link collectSpans}. */
export interface CollectSpansOptions {
  /** Default: `test`. */
  readonly serviceName?: string;
  readonly resourceAttributes?: Attributes;
  /** Default: every span is sampled, unless its parent is not. */
  readonly sampler?: Sampler;
}

/** A provider whose spans are collected, registered until it is disposed of. */
export interface SpanCollecting extends SpanCollector, AsyncDisposable {
  /** For spans of the test's own. */
  readonly tracer: Tracer;
  /** Shuts the provider down and takes it, the context manager and the propagators out of the API. */
  close(): Promise<void>;
}

/** A collector whose {@link SpanCollector.processor} is for a provider made elsewhere. */
export function spanCollector(): SpanCollector {
  const { collected, add, wait } = spanCollection();
  const open = new Map<string, string>();
  let started = 0;
  let ended = 0;

  const processor: SpanProcessor = {
    onStart(span) {
      started++;
      open.set(span.spanContext().spanId, span.name);
    },
    onEnd(span) {
      ended++;
      open.delete(span.spanContext().spanId);
      add([toSpanRecord(span)]);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };

  return {
    ...collected,
    processor,
    get started() {
      return started;
    },
    get ended() {
      return ended;
    },
    async settled(options = {}) {
      checkKeys('settled', options, ['timeoutMillis']);
      const names = (): string => [...open.values()].map((name) => `"${name}"`).join(', ');
      await wait(
        () => `every span to end; still open: ${names()}`,
        () => open.size === 0 || undefined,
        options,
      );
    },
    reset() {
      collected.reset();
      started = open.size;
      ended = 0;
    },
  };
}

/**
 * Registers a tracer provider, an AsyncLocalStorage context manager and the W3C propagators with the API,
 * and collects every span that ends.
 *
 * @throws Error when another provider is registered already.
 * @example
 * await using spans = collectSpans();
 * await fetch(`${url}/users/1`);
 * const trace = await spans.waitForTrace({ spanCount: 2 });
 */
export function collectSpans(options: CollectSpansOptions = {}): SpanCollecting {
  checkKeys('collectSpans', options, ['serviceName', 'resourceAttributes', 'sampler']);
  const { serviceName = 'test', resourceAttributes, sampler } = options;
  const collector = spanCollector();
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ ...resourceAttributes, 'service.name': serviceName }),
    spanProcessors: [collector.processor],
    ...(sampler && { sampler }),
  });
  provider.register();
  const registered = trace.getTracerProvider();
  if (!(registered instanceof ProxyTracerProvider) || registered.getDelegate() !== provider) {
    throw new Error('collectSpans: another tracer provider is registered already; shut it down first');
  }

  async function close(): Promise<void> {
    trace.disable();
    context.disable();
    propagation.disable();
    await provider.shutdown();
  }

  return Object.assign(collector, {
    tracer: provider.getTracer('@org/tracing-testing'),
    close,
    [Symbol.asyncDispose]: close,
  });
}
