import { diag, trace, type Tracer, type TracerProvider } from '@opentelemetry/api';

import { copyBaggage } from './baggage-attributes.ts';
import { type Diagnostics, errorText, startDiagnostics } from './diagnostics.ts';
import { telemetryVariables } from './doctor/late-variables.ts';
import { noteCopy } from './doctor/noted.ts';
import { readBoolean } from './environment.ts';
import { checkOptions } from './sdk/check-options.ts';
import { registeredGlobal } from './sdk/globals.ts';
import { startMetrics } from './sdk/metrics.ts';
import type { InitTracingOptions } from './sdk/options.ts';
import { createResource } from './sdk/resource.ts';
import {
  NOTHING_TO_REPORT,
  type RunningTracing,
  startAllInstrumentations,
  startPropagationOnly,
  startSdk,
} from './sdk/start-sdk.ts';
import { warnOfUnknownOptions } from './sdk/unknown-options.ts';
import { sharedState } from './shared-state.ts';
import { withinTime } from './shutdown.ts';
import { liveTracer } from './tracer.ts';
import type { TracingReport } from './tracing-report.ts';
import { version } from './version.ts';

/** What `initTracing` returns. */
export interface TracingHandle {
  /** For spans of the application's own. */
  readonly tracer: Tracer;
  /**
   * Sends every ended span now. Never rejects; takes 30 seconds at most. What the collector does not take goes on
   * waiting.
   */
  forceFlush(): Promise<void>;
  /**
   * Sends every ended span and stops tracing, the spans of open requests included, after which `initTracing` may be called again. Never rejects; ends
   * within `shutdownTimeoutMillis`. Further calls return the promise of the first.
   */
  shutdown(): Promise<void>;
  /** What became of the spans so far. All zeros where `initTracing` makes none itself. */
  report(): TracingReport;
}

/** Seen by every copy of this package in the process. */
const RUNNING = Symbol.for('@org/tracing.running');

interface Holder {
  [RUNNING]?: { readonly handle: TracingHandle; secondCallTold: boolean };
}

/**
 * Sets up tracing for this process (or worker thread): resource, sampler, propagators, exporter, outgoing HTTP,
 * and a flush at the end of the process. It reads the `OTEL_*` variables; options win over them. Where the
 * application has registered a tracer provider of its own, that one is used and stays as it is.
 *
 * A second call returns the handle of the first, and warns once.
 *
 * @throws {TypeError} Where an option is wrong: names it, what it must be and what it is. An unknown option never throws:
 *   a warning names it, and what may be meant. Nor does a wrong variable of the environment; one warning names it, and
 *   its default is used.
 * @example
 * const tracing = initTracing({ serviceName: 'dispatcher' });
 * // … at the very end, where the application ends itself:
 * await tracing.shutdown();
 */
export function initTracing(options: InitTracingOptions = {}): TracingHandle {
  checkOptions(options);
  const holder = globalThis as Holder;
  const running = holder[RUNNING];
  if (running !== undefined) {
    if (!running.secondCallTold) {
      running.secondCallTold = true;
      diag.warn(
        'initTracing was called a second time: its options are ignored, the first handle is returned',
      );
    }
    return running.handle;
  }

  const diagnostics = startDiagnostics(options.logLevel);
  warnOfUnknownOptions(options);
  const stopCopying = copyBaggage([...(options.baggageKeys ?? [])]);
  const tracing = start(options, diagnostics);
  let ended: Promise<void> | undefined;
  const handle: TracingHandle = {
    tracer: liveTracer('@org/tracing-core', version),
    report: () => tracing.report(),
    forceFlush: () => ended ?? tracing.forceFlush(),
    shutdown() {
      if (ended === undefined) {
        delete holder[RUNNING];
        delete sharedState().setUp;
        stopCopying();
        ended = tracing.shutdown().finally(() => diagnostics.stop());
      }
      return ended;
    },
  };
  holder[RUNNING] = { handle, secondCallTold: false };
  noteCopy();
  sharedState().setUp = { options, environment: telemetryVariables() };
  return handle;
}

function start(options: InitTracingOptions, diagnostics: Diagnostics): RunningTracing {
  if (options.disabled ?? readBoolean('OTEL_SDK_DISABLED')) return startPropagationOnly(options);
  if (registeredGlobal('trace') !== undefined) return joinApplication(options);
  return startSdk(options, diagnostics);
}

/** Uses the provider that the application registered before. */
function joinApplication(options: InitTracingOptions): RunningTracing {
  diag.warn(
    'the application registered a tracer provider before initTracing: that one is used, with its own resource, ' +
      'sampler, propagators and exporter',
  );
  const { shutdownTimeoutMillis = 3000 } = options;
  const metrics = startMetrics(options, () => createResource(options));
  // It may have instrumentations of its own, from which nothing can be taken.
  const stop = startAllInstrumentations(options, () => true);
  return {
    report: () => NOTHING_TO_REPORT,
    async forceFlush() {
      const provider = applicationProvider();
      try {
        await Promise.all([provider.forceFlush?.(), metrics?.forceFlush()]);
      } catch (error) {
        diag.warn(`forceFlush of the application's tracer provider failed: ${errorText(error)}`);
      }
    },
    async shutdown() {
      stop();
      if (metrics === undefined) return;
      metrics.hurry(shutdownTimeoutMillis);
      await withinTime('shutdown', shutdownTimeoutMillis, () => metrics.shutdown());
    },
  };
}

function applicationProvider(): TracerProvider & { forceFlush?: () => Promise<void> } {
  const registered: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  return registered.getDelegate?.() ?? registered;
}
