import type { Attributes, SpanKind, SpanStatus } from '@opentelemetry/api';

/**
 * A finished span as the kit reads it back, whether it came from the SDK of this process or from the
 * OTLP bytes of another.
 */
export interface SpanRecord {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** 16 lower-case hex digits; absent on a root span. */
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Nanoseconds since the Unix epoch. */
  readonly startTimeUnixNano: bigint;
  /** Nanoseconds since the Unix epoch. */
  readonly endTimeUnixNano: bigint;
  readonly attributes: Attributes;
  readonly events: readonly SpanRecordEvent[];
  readonly links: readonly SpanRecordLink[];
  readonly status: SpanStatus;
  /** `service.name` of the resource. */
  readonly serviceName: string;
  readonly resourceAttributes: Attributes;
  readonly scope: { readonly name: string; readonly version?: string };
}

export interface SpanRecordEvent {
  readonly name: string;
  readonly timeUnixNano: bigint;
  readonly attributes: Attributes;
}

export interface SpanRecordLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}
