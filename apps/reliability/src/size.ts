/** How long and how hard; the phases are counted in requests. */
export interface Size {
  readonly requestsASecond: number;
  readonly warmUpRequests: number;
  /** While the fault lasts; a fault with a `length` takes as many times more. */
  readonly faultRequests: number;
  readonly recoveryRequests: number;
  /** Bound of the wait for what waits in the queues, after the load. */
  readonly drainLimitMillis: number;
}

/** Of the figures in the document. */
export const FULL: Size = {
  requestsASecond: 40,
  warmUpRequests: 200,
  faultRequests: 640,
  recoveryRequests: 80,
  drainLimitMillis: 60_000,
};

/** To see that everything runs. */
export const QUICK: Size = { ...FULL, warmUpRequests: 40, faultRequests: 120, recoveryRequests: 20 };
