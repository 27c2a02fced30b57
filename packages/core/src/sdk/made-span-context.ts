import { isSpanContextValid, type SpanContext, type TraceState } from '@opentelemetry/api';

/**
 * The context of a span that a tracer of ours has made, recorded or not. Its ids are valid, so whoever goes on from it
 * need not read them again, digit by digit.
 */
export class MadeSpanContext implements SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  // Absent where there is none.
  declare readonly traceState?: TraceState;

  constructor(traceId: string, spanId: string, traceFlags: number, traceState: TraceState | undefined) {
    this.traceId = traceId;
    this.spanId = spanId;
    this.traceFlags = traceFlags;
    if (traceState !== undefined) this.traceState = traceState;
  }
}

/** The context of a span elsewhere, whose ids were read digit by digit when it came. */
export class ReadSpanContext extends MadeSpanContext {
  readonly isRemote = true;
}

/** Whether a span with this context can be a parent. */
export function isValidParent(spanContext: SpanContext): boolean {
  return spanContext instanceof MadeSpanContext || isSpanContextValid(spanContext);
}
