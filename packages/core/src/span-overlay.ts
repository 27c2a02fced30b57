import {
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';

/** Under this the API keeps the span of a context. It does not export it; every copy of it has the same. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');

/** A context with another span than the one that it is laid over. */
class SpanOverlay implements Context {
  readonly #below: Context;
  readonly #span: Span;

  constructor(below: Context, span: Span) {
    this.#below = below;
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === SPAN ? this.#span : this.#below.getValue(key);
  }

  over(span: Span): SpanOverlay {
    return new SpanOverlay(this.#below, span);
  }

  // What is made of it is a context of the API's own: overlays upon overlays would keep every span that ever was.
  setValue(key: symbol, value: unknown): Context {
    return key === SPAN ? this.#below.setValue(key, value) : this.#flat().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return key === SPAN ? this.#below.deleteValue(key) : this.#flat().deleteValue(key);
  }

  #flat(): Context {
    return this.#below.setValue(SPAN, this.#span);
  }
}

/** `trace.setSpan`, without the copy of everything else in the context: for what is only read, or made active once. */
export const contextOfSpan: (active: Context, span: Span) => Context = knowsKey()
  ? (active, span) => (active instanceof SpanOverlay ? active.over(span) : new SpanOverlay(active, span))
  : (active, span) => trace.setSpan(active, span);

/** Whether the API of this process keeps its spans there. */
function knowsKey(): boolean {
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  return trace.setSpan(ROOT_CONTEXT, span).getValue(SPAN) === span;
}
