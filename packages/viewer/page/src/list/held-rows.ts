import type { TraceSummary } from '../../../src/api.ts';

/** The list as it is shown while someone reads it. */
export interface HeldRows {
  readonly rows: readonly TraceSummary[];
  /** How many of the newest answer are held back. */
  readonly waiting: number;
}

/** What was fetched, with the objects of `before` for traces that have not changed: their rows are not drawn anew. */
export function keptWhereSame(
  before: readonly TraceSummary[],
  fetched: readonly TraceSummary[],
): readonly TraceSummary[] {
  const byId = new Map(before.map((trace) => [trace.traceId, trace]));
  return fetched.map((trace) => {
    const known = byId.get(trace.traceId);
    return known !== undefined && known.revision === trace.revision ? known : trace;
  });
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
