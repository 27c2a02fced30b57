import type { SpanContext } from '@opentelemetry/api';

/** What a log line says. */
export interface LogEntry {
  /** `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`. */
  readonly level: string;
  /** `service.name`. */
  readonly service: string;
  /** `service.version`; only some formats write it. */
  readonly serviceVersion?: string | undefined;
  /** `deployment.environment.name`; only some formats write it. */
  readonly environment?: string | undefined;
  readonly message: string;
  /** Name of the logger; left out for a root logger. */
  readonly logger?: string | undefined;
  /** Milliseconds since the Unix epoch; now by default. */
  readonly time?: number | undefined;
  /** The span that was active. Without one, or with an invalid one, the ids are zeros or left out. */
  readonly spanContext?: SpanContext | undefined;
  /**
   * Objects whose members become members of the line; of two with one key the later object's is written, and
   * none with a key of the line's own.
   */
  readonly fields?: readonly object[] | undefined;
  readonly error?: Error | undefined;
}

/** Makes a line of an entry. Never throws. */
export type LogFormatter = (entry: LogEntry) => string;

/** As {@link LogFormatter}; message, fields and exception are cut at `room` characters each. */
export type LineBuilder = (entry: LogEntry, room: number) => string;

/** Keys under which the ids are written, in place of those of the format. */
export interface TraceKeys {
  /** Default `trace_id`. */
  readonly traceId?: string | undefined;
  /** Default `span_id`. */
  readonly spanId?: string | undefined;
  /** Default `trace_flags`. */
  readonly traceFlags?: string | undefined;
}
