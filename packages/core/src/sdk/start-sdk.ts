import { diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

import { errorText } from '../diagnostics.ts';
import { startOutgoingHttp } from '../outgoing-http.ts';
import { sharedState } from '../shared-state.ts';
import { flushAtEnd } from '../shutdown-signals.ts';
import { withinTime } from '../shutdown.ts';
import { startExceptionLogs } from './exception-logs.ts';
import { createExports } from './exporter.ts';
import { registerGlobals, withoutDiagnostics } from './globals.ts';
import { startInstrumentations } from './instrumentations.ts';
import { startMetrics } from './metrics.ts';
import { watchOpenSpans } from './open-span-watch.ts';
import type { InitTracingOptions } from './options.ts';
import { createPropagator } from './propagators.ts';
import { createResource } from './resource.ts';
import { RestartableTracerProvider, runProvider } from './restartable-provider.ts';
import { createSampler } from './sampler.ts';
import { resolveSpanLimits } from './span-limits.ts';
import { SpanPipeline } from './span-pipeline.ts';

/** What runs after `initTracing`; neither method rejects. */
export interface RunningTracing {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** As the default of the SDK's own providers. */
const FLUSH_TIMEOUT_MILLIS = 30_000;

/** Builds everything, registers it with the API, and starts the instrumentations. */
export function startSdk(options: InitTracingOptions): RunningTracing {
  const { shutdownTimeoutMillis = 3000, spanProcessors = [] } = options;
  delete sharedState().exceptionSignal;
  const outputs = createExports(options);
  const watch = watchOpenSpans(options.reportOpenSpansAfterMillis);
  const pipeline = new SpanPipeline([
    ...watch,
    ...spanProcessors,
    ...outputs.map(({ processor }) => processor),
  ]);
  const resource = createResource(options);
  const config = {
    resource,
    sampler: createSampler(options.sampler, options.samplerRatio),
    spanLimits: resolveSpanLimits(options.spanLimits),
    spanProcessors: [pipeline],
  };
  // Upstream reads the same variables, and would warn of each in its own words after ours.
  const provider = withoutDiagnostics(() => new RestartableTracerProvider(config));
  const stopProvider = runProvider(provider);
  const unregister = registerGlobals({
    provider,
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: createPropagator(options.propagators),
  });
  sharedState().attributesAtStart = typeof options.sampler === 'object' || spanProcessors.length > 0;
  const metrics = startMetrics(options, () => resource);
  const exceptions = startExceptionLogs(options.otlp, () => resource);
  const stopInstrumentations = startAllInstrumentations(options, (scope) => isGiven(options, scope));

  async function flush(): Promise<void> {
    await Promise.all([pipeline.forceFlush(), metrics?.forceFlush(), exceptions?.forceFlush()]);
  }
  const atEnd = (what: string, work: () => Promise<void>): Promise<void> => {
    for (const { hurry } of outputs) hurry?.(shutdownTimeoutMillis);
    metrics?.hurry(shutdownTimeoutMillis);
    exceptions?.hurry(shutdownTimeoutMillis);
    return withinTime(what, shutdownTimeoutMillis, work);
  };
  // Nobody tells whether something was measured since, so they are sent once; and with spans, if more of them end.
  let metricsUnsent = metrics !== undefined;
  const stopWatching = flushAtEnd({
    flush() {
      metricsUnsent = false;
      return atEnd('the flush at the end of the process', flush);
    },
    unflushed: () => pipeline.unflushed || metricsUnsent,
  });
  return {
    forceFlush: () => withinTime('forceFlush', FLUSH_TIMEOUT_MILLIS, flush),
    shutdown() {
      stopWatching();
      stopInstrumentations();
      const flushed = atEnd('shutdown', async () => {
        await Promise.all([pipeline.shutdown(), metrics?.shutdown(), exceptions?.shutdown()]);
      });
      stopProvider();
      unregister();
      delete sharedState().attributesAtStart;
      return flushed;
    },
  };
}

/** No spans; what came with a request goes on with its calls, so that the trace around this service is whole. */
export function startPropagationOnly(options: InitTracingOptions): RunningTracing {
  const unregister = registerGlobals({
    provider: undefined,
    contextManager: new AsyncLocalStorageContextManager(),
    propagator: createPropagator(options.propagators),
  });
  const stopInstrumentations = startAllInstrumentations({ ...options, instrumentations: [] }, () => false);
  return {
    forceFlush: async () => undefined,
    async shutdown() {
      stopInstrumentations();
      unregister();
    },
  };
}

/**
 * Starts the application's choice and outgoing HTTP; one that fails is said so and left out.
 *
 * @param isWelcome Whether upstream's instrumentation of that scope may trace outgoing calls in our place.
 */
export function startAllInstrumentations(
  { instrumentations = [], outgoingHttp }: InitTracingOptions,
  isWelcome: (scope: string) => boolean,
): () => void {
  // First, so that we come last and see which calls are traced already.
  const stop = startInstrumentations(instrumentations);
  let stopOutgoing: (() => void) | undefined;
  try {
    stopOutgoing = startOutgoingHttp(outgoingHttp, isWelcome);
  } catch (error) {
    diag.error(`outgoing HTTP calls are not traced: ${errorText(error)}`);
  }
  return () => {
    stop();
    stopOutgoing?.();
  };
}

/** What the application hands in itself is to make its spans. */
function isGiven({ instrumentations = [] }: InitTracingOptions, scope: string): boolean {
  return instrumentations.some(({ instrumentationName }) => instrumentationName === scope);
}
