/** What the collector does with the exports that reach it, from now on. */
export type Behaviour =
  /** Takes everything. */
  | { readonly does: 'accept' }
  /** Does not listen: connections are refused. */
  | { readonly does: 'refuse' }
  /** Takes everything, not listening every other time. */
  | { readonly does: 'flap'; readonly everyMillis: number }
  /** Reads the request and never answers. */
  | { readonly does: 'hang' }
  /** Takes everything, and says so late. */
  | { readonly does: 'delay'; readonly millis: number }
  /** Resets the connection when the first piece of the request's body has come. */
  | { readonly does: 'reset-request' }
  /** Reads the request and closes the connection without an answer. */
  | { readonly does: 'close' }
  /** Takes everything, and cuts the connection in the middle of its answer's body. */
  | { readonly does: 'cut-response' }
  /** Answers with a status that is no success. */
  | { readonly does: 'status'; readonly status: number; readonly retryAfter?: RetryAfter }
  /** Takes each export but for its first spans. */
  | { readonly does: 'reject'; readonly spans: number }
  /** Shows a certificate that nobody trusts. */
  | { readonly does: 'strange-certificate' };

/** The header of a 429 or 503, in one of its two forms (RFC 9110, 10.2.3). */
export interface RetryAfter {
  readonly seconds: number;
  readonly as: 'seconds' | 'date';
}

/** What the collector knows of the spans of one service, by distinct ids. */
export interface ServiceCount {
  /** Spans that it could read, whatever it answered. */
  readonly seen: number;
  /** Those of them that it took: the head of its answer was a success, and it rejected them not. */
  readonly accepted: number;
}

/** What has come to the collector since it started. */
export interface CollectorCounts {
  /** By `service.name`. */
  readonly services: Readonly<Record<string, ServiceCount>>;
  /** Requests that came, the same spans again included. */
  readonly requests: number;
}
