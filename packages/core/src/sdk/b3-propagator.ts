import {
  type Context,
  createContextKey,
  isSpanContextValid,
  isValidSpanId,
  isValidTraceId,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';

const SINGLE = 'b3';
const TRACE_ID = 'x-b3-traceid';
const SPAN_ID = 'x-b3-spanid';
const SAMPLED = 'x-b3-sampled';
const FLAGS = 'x-b3-flags';
const PARENT_SPAN_ID = 'x-b3-parentspanid';

/** Ids, then what was decided, then the parent's id, which is of no use here. */
const SINGLE_FORM = /([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-([01d])(?![0-9a-f]))?/;

/** `true` and `false` are of early implementations. */
const YES: readonly unknown[] = ['1', 'true', 'True'];
const NO: readonly unknown[] = [undefined, '0', 'false', 'False'];

/** Whether the caller asks for debugging: a decision that goes on with the calls. As upstream's propagator keeps it. */
const DEBUG = createContextKey('OpenTelemetry Context Key B3 Debug Flag');

/**
 * Reads B3 in both of its forms, the one header first, and writes one of them.
 *
 * Source: https://github.com/openzipkin/b3-propagation
 */
export class B3Propagator implements TextMapPropagator {
  readonly #isMulti: boolean;

  constructor(form: 'multi' | 'single') {
    this.#isMulti = form === 'multi';
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span) || isTracingSuppressed(context)) return;
    const debug = context.getValue(DEBUG);
    const sampled = String(span.traceFlags & TraceFlags.SAMPLED);
    if (!this.#isMulti) {
      const state = debug === undefined ? sampled : 'd';
      setter.set(carrier, SINGLE, `${span.traceId}-${span.spanId}-${state}`);
      return;
    }
    setter.set(carrier, TRACE_ID, span.traceId);
    setter.set(carrier, SPAN_ID, span.spanId);
    // Debugging means sampled, and is told alone.
    if (debug === undefined) setter.set(carrier, SAMPLED, sampled);
    else setter.set(carrier, FLAGS, '1');
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const read = (name: string): string | undefined => {
      const header = getter.get(carrier, name);
      return typeof header === 'string' ? header : header?.[0];
    };
    const single = read(SINGLE);
    const found = single ? fromSingle(single) : fromMulti(read);
    if (found === undefined || !isValidTraceId(found.traceId) || !isValidSpanId(found.spanId)) return context;
    const { isDebug, ...ids } = found;
    const within = isDebug ? context.setValue(DEBUG, 'd') : context;
    return trace.setSpanContext(within, { ...ids, isRemote: true });
  }

  fields(): string[] {
    return this.#isMulti ? [TRACE_ID, SPAN_ID, FLAGS, SAMPLED, PARENT_SPAN_ID] : [SINGLE];
  }
}

interface Found extends SpanContext {
  readonly isDebug: boolean;
}

function fromSingle(header: string): Found | undefined {
  const [, traceId, spanId = '', state] = SINGLE_FORM.exec(header) ?? [];
  if (traceId === undefined) return undefined;
  const traceFlags = state === 'd' || state === '1' ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId: traceId.padStart(32, '0'), spanId, traceFlags, isDebug: state === 'd' };
}

function fromMulti(read: (name: string) => string | undefined): Found | undefined {
  const traceId = read(TRACE_ID);
  const spanId = read(SPAN_ID);
  if (traceId === undefined || spanId === undefined) return undefined;
  const isDebug = read(FLAGS) === '1';
  const sampled = read(SAMPLED);
  const isSampled = isDebug || YES.includes(sampled);
  if (!isSampled && !NO.includes(sampled)) return undefined;
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId: traceId.padStart(32, '0'), spanId, traceFlags, isDebug };
}
