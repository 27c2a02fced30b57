import {
  type Context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  trace,
} from '@opentelemetry/api';
import { getRPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core';

type RpcMetadata = NonNullable<ReturnType<typeof getRPCMetadata>>;

/** Under these the API keeps the span of a context, and upstream's instrumentations that of its request. */
const SPAN = createContextKey('OpenTelemetry Context Key SPAN');
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

/**
 * A context with a span, and the request that it belongs to, laid over another one. The API copies a map for each value
 * that is set, which is most of what a context costs. It never lies over one of its kind, so no span holds those
 * before it.
 */
class SpanContextHolder implements Context {
  private readonly below: Context;
  private readonly span: Span;
  private readonly rpc: RpcMetadata | undefined;

  constructor(below: Context, span: Span, rpc: RpcMetadata | undefined) {
    this.below = below;
    this.span = span;
    this.rpc = rpc;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN) return this.span;
    if (key === RPC_METADATA && this.rpc !== undefined) return this.rpc;
    return this.below.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    if (key === SPAN) return this.with(value as Span);
    if (key === RPC_METADATA) return new SpanContextHolder(this.below, this.span, value as RpcMetadata);
    return new SpanContextHolder(this.below.setValue(key, value), this.span, this.rpc);
  }

  deleteValue(key: symbol): Context {
    if (key === SPAN) return this.rpc === undefined ? this.below : setRPCMetadata(this.below, this.rpc);
    if (key === RPC_METADATA) return new SpanContextHolder(this.below.deleteValue(key), this.span, undefined);
    return new SpanContextHolder(this.below.deleteValue(key), this.span, this.rpc);
  }

  with(span: Span): Context {
    return new SpanContextHolder(this.below, span, this.rpc);
  }

  withRequest(span: Span): Context {
    return new SpanContextHolder(this.below, span, { type: RPCType.HTTP, span });
  }
}

/** Whether the API and the SDK of this process keep theirs there. */
const knowsKeys = holdsAsThought();

/** `trace.setSpan`, without a copy of everything else in the context. */
export function contextWithSpan(around: Context, span: Span): Context {
  if (around instanceof SpanContextHolder) return around.with(span);
  return knowsKeys ? new SpanContextHolder(cleared(around), span, undefined) : trace.setSpan(around, span);
}

/**
 * A context with the SERVER span of a request. Instrumentations that make layers look there for it, and make one of
 * their own without it.
 */
export function contextWithServerSpan(around: Context, span: Span): Context {
  if (around instanceof SpanContextHolder) return around.withRequest(span);
  const rpc: RpcMetadata = { type: RPCType.HTTP, span };
  return knowsKeys
    ? new SpanContextHolder(cleared(around), span, rpc)
    : setRPCMetadata(trace.setSpan(around, span), rpc);
}

function cleared(around: Context): Context {
  return around.getValue(SPAN) === undefined ? around : around.deleteValue(SPAN);
}

function holdsAsThought(): boolean {
  const span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
  const rpc: RpcMetadata = { type: RPCType.HTTP, span };
  const made = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), rpc);
  return made.getValue(SPAN) === span && made.getValue(RPC_METADATA) === rpc;
}
