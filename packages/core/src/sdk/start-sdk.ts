import { diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

import { errorText } from '../diagnostics.ts';
import { startOutgoingHttp } from '../outgoing-http.ts';
import { sharedState } from '../shared-state.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { joinThreads } from '../flush-threads.ts';
import { lossAtExit, lossAtShutdown } from '../loss-at-exit.ts';
import { rememberRequests } from '../open-requests.ts';
import { type EndOfProcess, flushAtEnd } from '../shutdown-signals.ts';
import { withinTime } from '../shutdown.ts';
import type { TracingReport } from '../tracing-report.ts';
import { startExceptionLogs } from './exception-logs.ts';
import { registerGlobals } from './globals.ts';
import { startInstrumentations } from './instrumentations.ts';
import { startMetrics } from './metrics.ts';
import { watchOpenSpans } from './open-span-watch.ts';
import type { InitTracingOptions } from './options.ts';
import { createPropagator } from './propagators.ts';
import { createResource } from './resource.ts';
import { RestartableTracerProvider, runProvider } from './restartable-provider.ts';
import { createSampler } from './sampler.ts';
import { resolveSpanLimits } from './span-limits.ts';
import { createOutputs } from './span-outputs.ts';
import { SpanPipeline } from './span-pipeline.ts';

/** What runs after `initTracing`; neither promise is rejected. */
export interface RunningTracing {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  report(): TracingReport;
}

/** Where core makes no spans. */
export const NOTHING_TO_REPORT: TracingReport = { started: 0, ended: 0, exports: [] };

/** As the default of the SDK's own providers. */
const FLUSH_TIMEOUT_MILLIS = 30_000;

/** Builds everything, registers it with the API, and starts the instrumentations. */
export function startSdk(options: InitTracingOptions, diagnostics: Diagnostics): RunningTracing {
  const { shutdownTimeoutMillis = 3000, spanProcessors = [] } = options;
  delete sharedState().exceptionSignal;
  const watch = watchOpenSpans(options.reportOpenSpansAfterMillis);
  const pipeline = new SpanPipeline([...watch, ...spanProcessors], createOutputs(options));
  const resource = createResource(options);
  const config = {
    resource,
    sampler: createSampler(options.sampler, options.samplerRatio),
    spanLimits: resolveSpanLimits(options.spanLimits),
    spanProcessors: [pipeline],
  };
  const provider = new RestartableTracerProvider(config);
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

  const endOpenRequests = rememberRequests();
  const sayLoss = (loss: string | undefined): void => {
    if (loss !== undefined) diagnostics.sayAtOnce(loss);
  };
  const sayLossAtExit = (): void => sayLoss(lossAtExit(pipeline.report()));
  // Nobody tells whether something was measured since, so they are sent once; and with spans, if more of them end.
  let metricsUnsent = metrics !== undefined;
  /** All that can be done within the time that there is at the end. */
  async function drain(timeoutMillis: number): Promise<void> {
    metricsUnsent = false;
    metrics?.hurry(timeoutMillis);
    exceptions?.hurry(timeoutMillis);
    await Promise.all([
      pipeline.drain(timeoutMillis),
      withinTime('the flush at the end of the process', timeoutMillis, async () => {
        await Promise.all([pipeline.flushOwn(), metrics?.forceFlush(), exceptions?.forceFlush()]);
      }),
    ]);
  }
  function hasten(): void {
    pipeline.hasten();
    void metrics?.forceFlush();
    void exceptions?.forceFlush();
  }
  const threads = joinThreads({
    async flush(timeoutMillis) {
      endOpenRequests();
      await drain(timeoutMillis);
      sayLossAtExit();
    },
    hasten,
  });
  const atEnd: EndOfProcess = {
    async flush(timeoutMillis: number) {
      endOpenRequests();
      await Promise.all([drain(timeoutMillis), threads.flush(timeoutMillis)]);
    },
    hasten() {
      hasten();
      threads.hasten();
    },
    unflushed: () => pipeline.undrained || metricsUnsent,
    lastWords: () => pipeline.lastWords(),
    exit: sayLossAtExit,
  };
  const stopWatching = flushAtEnd(atEnd, shutdownTimeoutMillis);
  async function end(): Promise<void> {
    const began = performance.now();
    metrics?.hurry(shutdownTimeoutMillis);
    exceptions?.hurry(shutdownTimeoutMillis);
    const signals = withinTime('shutdown', shutdownTimeoutMillis, async () => {
      await Promise.all([pipeline.flushOwn(), metrics?.shutdown(), exceptions?.shutdown()]);
    });
    await Promise.all([pipeline.drain(shutdownTimeoutMillis), signals]);
    sayLoss(lossAtShutdown(pipeline.report()));
    const left = Math.max(1, shutdownTimeoutMillis - (performance.now() - began));
    await withinTime('shutdown', left, () => pipeline.shutdown());
  }
  return {
    report: () => pipeline.report(),
    forceFlush: () =>
      withinTime('forceFlush', FLUSH_TIMEOUT_MILLIS, async () => {
        await Promise.all([pipeline.forceFlush(), metrics?.forceFlush(), exceptions?.forceFlush()]);
      }),
    shutdown() {
      stopWatching();
      stopInstrumentations();
      endOpenRequests();
      const ended = end();
      stopProvider();
      unregister();
      delete sharedState().attributesAtStart;
      delete sharedState().openRequests;
      // Until then the main thread waits for this one, where it is told to end.
      return ended.finally(() => threads.leave());
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
    report: () => NOTHING_TO_REPORT,
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
