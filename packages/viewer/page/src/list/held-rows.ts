import type { TraceSummary } from '../../../src/api.ts';

/** The list as it is shown while someone reads it. */
export interface HeldRows {
  readonly rows: readonly TraceSummary[];
  /** How many of the newest answer are held back. */
  readonly waiting: number;
}

/**
 * The rows that are shown, with what is new of them from `fetched`, each where it stands: nothing moves, nothing comes in
 * between, nothing goes. What else `fetched` has waits.
 */
export function heldRows(shown: readonly TraceSummary[], fetched: readonly TraceSummary[]): HeldRows {
  const byId = new Map(fetched.map((trace) => [trace.traceId, trace]));
  const rows = shown.map((trace) => {
    const now = byId.get(trace.traceId);
    byId.delete(trace.traceId);
    return now === undefined || now.revision === trace.revision ? trace : now;
  });
  return { rows, waiting: byId.size };
}
