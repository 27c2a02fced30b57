import {
  type Context,
  context,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace';

import { standInFor } from '../outgoing-company.ts';
import { contextWithSpan } from '../span-context.ts';
import type { Sampling } from './sampler.ts';
import { SpanTracer } from './span-tracer.ts';

/** What the spans of a provider have in common. */
export interface TracerProviderConfig {
  readonly resource: Resource;
  readonly sampling: Sampling;
  readonly limits: Required<SpanLimits>;
  readonly processor: SpanProcessor;
}

/** Makes no spans, as the API alone. */
const SILENT: Tracer = new ProxyTracerProvider().getTracer('silent');

let running: RestartableTracerProvider | undefined;

/**
 * A provider whose tracers make the spans of whichever provider of this class runs. The API's own tracers keep the
 * first that they meet for ever, so one that an application took at its start would stay silent after a restart.
 */
export class RestartableTracerProvider implements TracerProvider {
  readonly #config: TracerProviderConfig;
  readonly #tracers = new Map<string, SpanTracer>();

  constructor(config: TracerProviderConfig) {
    this.#config = config;
  }

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    let provider: RestartableTracerProvider | undefined;
    let tracer: SpanTracer | undefined;
    const standIn = standInFor(name);
    function startSpan(spanName: string, spanOptions?: SpanOptions, parent = context.active()): Span {
      const instead = standIn?.(spanOptions, parent);
      if (instead) return instead;
      if (provider !== running) {
        provider = running;
        tracer = provider?.tracerOf(name, version, options);
      }
      return tracer === undefined
        ? SILENT.startSpan(spanName, spanOptions, parent)
        : tracer.startSpan(spanName, spanOptions, parent);
    }
    return {
      startSpan,
      // The overloads differ only in which middle arguments are left out.
      startActiveSpan(spanName: string, ...args: unknown[]) {
        const work = args.pop() as (span: Span) => never;
        const [spanOptions, parent = context.active()] = args as [SpanOptions?, Context?];
        const span = startSpan(spanName, spanOptions, parent);
        return context.with(contextWithSpan(parent, span), work, undefined, span);
      },
    };
  }

  /** Whom log lines name as their service. */
  get resource(): Resource {
    return this.#config.resource;
  }

  /** As the SDK's providers have it, for code that flushes whatever is registered. */
  forceFlush(): Promise<void> {
    return this.#config.processor.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#config.processor.shutdown();
  }

  /** A tracer that makes the spans of this provider alone; one for each scope, by which exporters group. */
  private tracerOf(name: string, givenVersion?: string | null, options?: TracerOptions | null): SpanTracer {
    const version = givenVersion ?? '';
    const schemaUrl = options?.schemaUrl ?? '';
    const key = `${name}@${version}:${schemaUrl}`;
    const known = this.#tracers.get(key);
    if (known) return known;
    const { resource, limits, processor, sampling } = this.#config;
    const scope = {
      name: name || 'unknown',
      ...(version !== '' && { version }),
      ...(schemaUrl !== '' && { schemaUrl }),
    };
    const tracer = new SpanTracer({ resource, scope, limits, processor }, sampling);
    this.#tracers.set(key, tracer);
    return tracer;
  }
}

/** Lets every tracer make the spans of `provider`. @returns Lets them make none. */
export function runProvider(provider: RestartableTracerProvider): () => void {
  running = provider;
  return () => {
    if (running === provider) running = undefined;
  };
}
