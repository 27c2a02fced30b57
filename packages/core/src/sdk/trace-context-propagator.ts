import {
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  type TraceState,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

import { contextOfSpan } from '../span-overlay.ts';
import { headerList } from './header-list.ts';
import { MAX_TRACE_STATE, W3cTraceState } from './trace-state.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/**
 * Carries the span in `traceparent` and `tracestate`, by W3C Trace Context Level 2, strictly read. An invalid
 * `traceparent`, or more than one, begins a new trace and drops `tracestate` with it; an invalid `tracestate` is
 * dropped as a whole. No header is written that is not valid.
 */
export class TraceContextPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const spanContext = trace.getSpanContext(context);
    if (spanContext === undefined || isTracingSuppressed(context)) return;
    const traceparent = formatTraceparent(spanContext);
    if (traceparent === undefined) return;
    setter.set(carrier, TRACEPARENT, traceparent);
    const { traceState } = spanContext;
    if (traceState === undefined) return;
    const tracestate = textOf(traceState);
    if (tracestate !== '') setter.set(carrier, TRACESTATE, tracestate);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = getter.get(carrier, TRACEPARENT);
    if (header === undefined) return context;
    const traceparent = typeof header === 'string' ? header : onlyOne(header);
    const spanContext = traceparent === undefined ? undefined : parseTraceparent(traceparent);
    if (spanContext === undefined) return context;
    const list = getter.get(carrier, TRACESTATE);
    const state = list === undefined ? undefined : parseList(list);
    if (state !== undefined) spanContext.traceState = state;
    return contextOfSpan(context, trace.wrapSpanContext(spanContext));
  }

  fields(): string[] {
    return [TRACEPARENT, TRACESTATE];
  }
}

// A carrier that is not typed may hold anything.
function onlyOne(headers: unknown): string | undefined {
  if (!Array.isArray(headers) || headers.length !== 1) return undefined;
  return typeof headers[0] === 'string' ? headers[0] : undefined;
}

function parseList(headers: unknown): W3cTraceState | undefined {
  const header = headerList(headers, MAX_TRACE_STATE);
  return header === undefined ? undefined : W3cTraceState.parse(header);
}

/** One that the application or its sampler made may hold anything too. */
function textOf(state: TraceState): string {
  if (state instanceof W3cTraceState) return state.serialize();
  return W3cTraceState.parse(String(state.serialize()))?.serialize() ?? '';
}
