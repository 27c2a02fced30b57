import {
  type Context,
  diag,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';

/** Upstream's instrumentation of `node:http`. */
export const HTTP_SCOPE = '@opentelemetry/instrumentation-http';

/** Upstream's instrumentation of `fetch` and undici. */
export const UNDICI_SCOPE = '@opentelemetry/instrumentation-undici';

type Scope = typeof HTTP_SCOPE | typeof UNDICI_SCOPE;

/** Scopes whose calls are ours alone. */
const claimed = new Set<string>();

/**
 * Lets upstream's instrumentation make no CLIENT spans on a provider of ours, whenever and by whomever it has been
 * set up, since the same calls make spans of ours.
 *
 * @returns Gives the calls back to it.
 */
export function claimCalls(scope: Scope): () => void {
  claimed.add(scope);
  return () => void claimed.delete(scope);
}

/** Gives the span that a tracer makes in place of a second one for a call; undefined where it may make its own. */
export type StandIn = (options: SpanOptions | undefined, parent: Context) => Span | undefined;

/** For a tracer of that scope; undefined where the scope has nothing to do with outgoing calls. */
export function standInFor(scope: string): StandIn | undefined {
  if (scope !== HTTP_SCOPE && scope !== UNDICI_SCOPE) return undefined;
  let told = false;
  return (options, parent) => {
    if (options?.kind !== SpanKind.CLIENT || !claimed.has(scope)) return undefined;
    if (!told) {
      told = true;
      diag.warn(
        `${scope} traces outgoing calls as well: each has the CLIENT span of this kit alone; ` +
          'give it to initTracing in `instrumentations` to have its spans instead',
      );
    }
    // Upstream makes the span of `node:http` active while it makes the request: below it, ours needs its parent.
    const behind = scope === HTTP_SCOPE ? trace.getSpanContext(parent) : undefined;
    return trace.wrapSpanContext(behind ?? INVALID_SPAN_CONTEXT);
  };
}

/** Whether the active span is a CLIENT span, and the one that a request names in its headers already. */
export function isActiveClientSpan(active: Context, carried: SpanContext): boolean {
  const span = trace.getSpan(active);
  if (span === undefined || span.spanContext().spanId !== carried.spanId) return false;
  // Spans that are recorded tell their kind.
  return (span as { readonly kind?: SpanKind }).kind === SpanKind.CLIENT;
}

/**
 * Whether the span that a request names in its headers looks like one that was made for this call below the active
 * span: of the same trace, and neither the active span nor its parent, whose headers an application may forward.
 */
export function isNextToActive(active: Context, carried: SpanContext): boolean {
  const span = trace.getSpan(active);
  if (span === undefined) return false;
  const { traceId, spanId } = span.spanContext();
  const { parentSpanContext }: { parentSpanContext?: SpanContext } = span as object;
  return (
    carried.traceId === traceId && carried.spanId !== spanId && carried.spanId !== parentSpanContext?.spanId
  );
}
