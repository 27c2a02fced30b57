import {
  type Context,
  context,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
} from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';

import { standInFor } from '../outgoing-company.ts';
import { markRandomTraceId } from './random-trace-id.ts';

/** Makes no spans, as the API alone. */
const SILENT: Tracer = new ProxyTracerProvider().getTracer('silent');

let running: RestartableTracerProvider | undefined;

/**
 * A provider whose tracers make the spans of whichever provider of this class runs. The API's own tracers keep the
 * first that they meet for ever, so one that an application took at its start would stay silent after a restart.
 */
export class RestartableTracerProvider extends TracerProvider {
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
    const standIn = standInFor(name);
    function startSpan(spanName: string, spanOptions?: SpanOptions, parent = context.active()): Span {
      const instead = standIn?.(spanOptions, parent);
      if (instead) return instead;
      const span = current().startSpan(spanName, spanOptions, parent);
      markRandomTraceId(span, parent);
      return span;
    }
    return {
      startSpan,
      // The overloads differ only in which middle arguments are left out. The SDK's own would not come past here.
      startActiveSpan(spanName: string, ...args: unknown[]) {
        const work = args.pop() as (span: Span) => never;
        const [spanOptions, parent = context.active()] = args as [SpanOptions?, Context?];
        const span = startSpan(spanName, spanOptions, parent);
        return context.with(trace.setSpan(parent, span), work, undefined, span);
      },
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
