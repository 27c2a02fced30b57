import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

import { copyAttributes } from './attribute-values.ts';
import { isValidParent, MadeSpanContext } from './made-span-context.ts';
import { hasRandomTraceId, markTraceId } from './random-trace-id.ts';
import { RecordedSpan, type SpanSource } from './recorded-span.ts';
import type { AskedSampling, Sampling } from './sampler.ts';
import { randomSpanId, randomTraceId } from './span-ids.ts';

/** The SDK's `SamplingDecision`, which is not loaded for this. */
const NOT_RECORD: number = 0;
const RECORD_AND_SAMPLED: number = 2;

/** For whatever is called where nothing is to be traced. */
const SUPPRESSED: Span = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** Makes the spans of one instrumentation scope. */
export class SpanTracer {
  readonly #source: SpanSource;
  readonly #sampling: Sampling;

  constructor(source: SpanSource, sampling: Sampling) {
    this.#source = source;
    this.#sampling = sampling;
  }

  startSpan(name: string, options: SpanOptions | undefined, given: Context): Span {
    if (isTracingSuppressed(given)) return SUPPRESSED;
    const parentContext = options?.root ? trace.deleteSpan(given) : given;
    const parent = parentOf(parentContext);
    const traceId = parent === undefined ? randomTraceId() : parent.traceId;
    const sampling = this.#sampling;
    if ('ask' in sampling) return this.#ask(sampling, name, options, parentContext, parent, traceId);
    const isSampled = sampling.decide(parent, traceId);
    const own = spanContext(
      traceId,
      parent,
      isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      parent?.traceState,
    );
    if (!isSampled) return trace.wrapSpanContext(own);
    return new RecordedSpan(
      this.#source,
      own,
      name,
      options?.kind ?? SpanKind.INTERNAL,
      parent,
      options?.startTime,
    ).start(parentContext, options?.attributes, options?.links);
  }

  /** A sampler of the application's may look at everything, and add to it. */
  #ask(
    { ask }: AskedSampling,
    name: string,
    options: SpanOptions = {},
    parentContext: Context,
    parent: SpanContext | undefined,
    traceId: string,
  ): Span {
    const { kind = SpanKind.INTERNAL, startTime } = options;
    const attributes = copied(options.attributes);
    const links: Link[] = (options.links ?? []).map((link) => ({
      context: link.context,
      attributes: copied(link.attributes),
    }));
    const result = ask(parentContext, traceId, name, kind, attributes, links);
    const decision: number = result?.decision ?? NOT_RECORD;
    const isSampled = decision === RECORD_AND_SAMPLED;
    const traceState = result?.traceState ?? parent?.traceState;
    const own = spanContext(traceId, parent, isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, traceState);
    if (decision === NOT_RECORD) return trace.wrapSpanContext(own);
    return new RecordedSpan(this.#source, own, name, kind, parent, startTime).start(
      parentContext,
      Object.assign(attributes, result?.attributes),
      links,
    );
  }
}

function copied(attributes: Attributes | undefined): Attributes {
  return copyAttributes(attributes, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY).attributes;
}

/** The span that a new one continues; undefined where it begins a trace. */
function parentOf(parentContext: Context): SpanContext | undefined {
  const span = trace.getSpan(parentContext);
  if (span === undefined) return undefined;
  const parent = span.spanContext();
  return isValidParent(parent) ? parent : undefined;
}

function spanContext(
  traceId: string,
  parent: SpanContext | undefined,
  traceFlags: TraceFlags,
  traceState: SpanContext['traceState'],
): SpanContext {
  const own = new MadeSpanContext(traceId, randomSpanId(), traceFlags, traceState);
  markTraceId(own, parent === undefined || hasRandomTraceId(parent));
  return own;
}
