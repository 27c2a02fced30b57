import type { JsonValue } from './api.ts';

/** A log line as it is kept, whether it came by OTLP or as a line of text. */
export interface StoredLog {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits; absent where the line belongs to no span. */
  readonly spanId?: string;
  readonly timeUnixNano: bigint;
  /** As OpenTelemetry numbers it, 1 to 24; 0 where it is not known. */
  readonly severityNumber: number;
  /** As it is to be shown: `INFO`; empty where it is not known. */
  readonly level: string;
  readonly message: string;
  readonly service: string;
  readonly attributes: { readonly [key: string]: JsonValue };
  readonly resource: { readonly [key: string]: JsonValue };
}
