import { type Tracer, trace, type TracerProvider } from '@opentelemetry/api';

/**
 * A tracer that always asks the provider registered at this moment.
 *
 * The API's own proxy keeps the first provider that it meets for ever, so a tracer taken at start-up would
 * go on feeding a provider that has been shut down since.
 *
 * @param name Instrumentation scope: the package's name.
 * @param version The package's version.
 */
export function liveTracer(name: string, version: string): Tracer {
  let provider: TracerProvider | undefined;
  let tracer: Tracer;
  function current(): Tracer {
    const registered = trace.getTracerProvider();
    if (registered !== provider) {
      provider = registered;
      tracer = registered.getTracer(name, version);
    }
    return tracer;
  }
  return {
    startSpan: (spanName, options, context) => current().startSpan(spanName, options, context),
    // The overloads differ only in which middle arguments are left out.
    startActiveSpan: (...args: unknown[]) =>
      Reflect.apply(current().startActiveSpan, current(), args) as never,
  };
}
