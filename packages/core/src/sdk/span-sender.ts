import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What became of one batch. */
export type ExportOutcome =
  /** Taken, less those that the receiver rejected and does not want again. */
  | { readonly kind: 'delivered'; readonly rejected?: number; readonly cause?: string }
  /** Not taken, and not wanted again: the spans are lost. */
  | { readonly kind: 'refused'; readonly cause: string; readonly hint?: string }
  /** Not taken as one request; parts of it may be. */
  | { readonly kind: 'too large'; readonly cause: string; readonly hint?: string }
  /** Not taken, or nobody knows: it may be sent again, where the receiver said so after that time. */
  | {
      readonly kind: 'failed';
      readonly cause: string;
      readonly hint?: string;
      readonly retryAfterMillis?: number;
      /** Whether it was on its way when it failed, so that what is in it may be why. Default false. */
      readonly wasSent?: boolean;
    };

/** One attempt to send spans. */
export interface Attempt {
  /** Milliseconds after which it counts as failed. */
  readonly timeoutMillis: number;
  /** Ends it before. */
  readonly signal: AbortSignal;
}

/**
 * Sends batches of spans to one place, each in one attempt.
 *
 * `Kept` is what is kept of a span until it has been sent: the span itself, or what {@link keep} makes of it.
 */
export interface SpanSender<Kept extends object = ReadableSpan> {
  /** `otlp`, or the class of an exporter of the application's own. */
  readonly name: string;
  /** Where to, fit to be printed. */
  readonly address?: string;
  /** Called once for each span, some time after it has ended. Default: the span. @throws Where it can never be sent. */
  keep?(span: ReadableSpan): Kept;
  /** Told of what was kept and will not be sent again, once: nobody uses it any more. Need not be told of all. */
  release?(spans: readonly Kept[]): void;
  /** Never rejects. */
  send(spans: readonly Kept[], attempt: Attempt): Promise<ExportOutcome>;
  /** Sends before it returns, for a process that ends now. @returns Whether they were taken. */
  sendAtOnce?(spans: readonly Kept[]): boolean;
  /** Waits for what is on its way beneath, where that is known. */
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}
