import { ProxyTracerProvider, type Tracer, type TracerOptions } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Makes no spans, as the API alone. */
const SILENT: Tracer = new ProxyTracerProvider().getTracer('silent');

let running: RestartableTracerProvider | undefined;

/**
 * A provider whose tracers make the spans of whichever provider of this class runs. The API's own tracers keep the
 * first that they meet for ever, so one that an application took at its start would stay silent after a restart.
 */
export class RestartableTracerProvider extends NodeTracerProvider {
  override getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    let provider: RestartableTracerProvider | undefined;
    let tracer = SILENT;
    const current = (): Tracer => {
      if (provider !== running) {
        provider = running;
        tracer = provider?.sdkTracer(name, version, options) ?? SILENT;
      }
      return tracer;
    };
    return {
      startSpan: (spanName, spanOptions, context) => current().startSpan(spanName, spanOptions, context),
      // The overloads differ only in which middle arguments are left out.
      startActiveSpan: (...args: unknown[]) =>
        Reflect.apply(current().startActiveSpan, current(), args) as never,
    };
  }

  /** A tracer that makes the spans of this provider alone. */
  private sdkTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return super.getTracer(name, version, options);
  }
}

/** Lets every tracer make the spans of `provider`. @returns Lets them make none. */
export function runProvider(provider: RestartableTracerProvider): () => void {
  running = provider;
  return () => {
    if (running === provider) running = undefined;
  };
}
