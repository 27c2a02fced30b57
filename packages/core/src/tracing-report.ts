/** What became of the spans that one way out was given. `taken` is always `exported + dropped + waiting`. */
export interface ExportReport {
  /** `otlp`, `console`, or the class of an exporter of the application's own. */
  readonly exporter: string;
  /** Where it sends: origin and path, without credentials and query. Undefined where it sends nowhere. */
  readonly url?: string;
  /** Ended, sampled spans that were handed to it. */
  readonly taken: number;
  /** Spans that were delivered. */
  readonly exported: number;
  /** Spans that are lost: the queue was full, the collector refused or rejected them, or time ran out at the end. */
  readonly dropped: number;
  /** Spans in the queue, and those on their way. */
  readonly waiting: number;
  /** When sending last failed, and why; undefined where it never did. */
  readonly lastError?: { readonly message: string; readonly time: Date };
  /** Since when nothing has got through; undefined while all is well. */
  readonly failingSince?: Date;
}

/** Counts since `initTracing`. */
export interface TracingReport {
  /** Spans that were started and are recorded. */
  readonly started: number;
  /** Of these, spans that have ended. */
  readonly ended: number;
  /** One for each way out, in the order of the exporters. */
  readonly exports: readonly ExportReport[];
}
