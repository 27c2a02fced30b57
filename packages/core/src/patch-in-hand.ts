import type { TracerProvider } from '@opentelemetry/api';

import { liveTracer } from './tracer.ts';

/** The part of an upstream instrumentation that is applied by hand, its loader hooks left off. */
export interface PatchableInstrumentation {
  setTracerProvider(provider: TracerProvider): void;
  getModuleDefinitions(): readonly ModuleDefinition[];
}

interface ModuleDefinition {
  readonly name: string;
  readonly patch?: ((moduleExports: object, version?: string) => unknown) | undefined;
  readonly unpatch?: ((moduleExports: object, version?: string) => void) | undefined;
}

/** Gives upstream instrumentations tracers that outlive a shutdown. */
export const liveTracerProvider: TracerProvider = {
  getTracer: (name, version) => liveTracer(name, version ?? ''),
};

/**
 * Applies an upstream instrumentation to module objects that the caller holds, so that neither import order nor
 * a loader matters. Create the instrumentation with `enabled: false`.
 *
 * @param modules Module objects by the name that the instrumentation knows them by.
 * @returns Undoes it; a second call does nothing.
 */
export function patchInHand(
  instrumentation: PatchableInstrumentation,
  modules: Readonly<Record<string, object>>,
): () => void {
  instrumentation.setTracerProvider(liveTracerProvider);
  const undo: (() => void)[] = [];
  for (const definition of instrumentation.getModuleDefinitions()) {
    const moduleExports = modules[definition.name];
    if (moduleExports === undefined) continue;
    definition.patch?.(moduleExports);
    undo.push(() => definition.unpatch?.(moduleExports));
  }
  return () => {
    for (const step of undo.splice(0)) step();
  };
}
