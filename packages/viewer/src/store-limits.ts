/** What a store holds at most. */
export interface StoreLimits {
  readonly traces: number;
  readonly spans: number;
  /** Of spans and log lines, as estimated. */
  readonly bytes: number;
}

const MEBIBYTE = 1024 * 1024;

/** One trace of 100,000 spans fits in twice, and Node's heap on a small machine has room for all. */
export const DEFAULT_LIMITS: StoreLimits = { traces: 10_000, spans: 200_000, bytes: 256 * MEBIBYTE };
