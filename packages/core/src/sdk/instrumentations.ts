import { diag, metrics, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';

import { errorText } from '../diagnostics.ts';
import { sharedState } from '../shared-state.ts';
import { liveTracer } from '../tracer.ts';

/** Gives upstream instrumentations tracers that outlive a shutdown. */
const liveTracerProvider: TracerProvider = {
  getTracer: (name, version) => liveTracer(name, version ?? ''),
};

const stopped = new WeakSet<Instrumentation>();

/** Starts upstream instrumentations; one that fails is said so and left out. @returns Stops them. */
export function startInstrumentations(instrumentations: readonly Instrumentation[]): () => void {
  for (const instrumentation of instrumentations) {
    attempt(instrumentation, () => {
      instrumentation.setTracerProvider(liveTracerProvider);
      // It took its meter when it was made, and the API gives none that follows a provider registered later.
      if (sharedState().metrics === true) instrumentation.setMeterProvider(metrics.getMeterProvider());
      // Most enable themselves when they are made, and some patch twice when enabled twice.
      if (instrumentation.getConfig().enabled === false || stopped.delete(instrumentation)) {
        instrumentation.enable();
      }
    });
  }
  return () => {
    for (const instrumentation of instrumentations) {
      stopped.add(instrumentation);
      attempt(instrumentation, () => instrumentation.disable());
    }
  };
}

function attempt(instrumentation: Instrumentation, action: () => void): void {
  try {
    action();
  } catch (error) {
    diag.error(`the instrumentation ${instrumentation.instrumentationName} failed: ${errorText(error)}`);
  }
}
