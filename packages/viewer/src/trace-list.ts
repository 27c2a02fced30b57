import type { TraceList, TraceSort } from './api.ts';
import type { StoredTrace } from './stored-trace.ts';
import { passesQuickly, type Search, searchOf } from './trace-filter.ts';
import type { ListRequest, TraceFilters } from './trace-query.ts';
import type { TraceStore } from './trace-store.ts';
import { TURN_MS, turns } from './turns.ts';

/** What a search has found of a trace, at one of its revisions, or is about to find. */
type Found = WeakMap<StoredTrace, { readonly revision: number; readonly passes: boolean | Promise<boolean> }>;

/** Searches that are remembered; each page that is open has one. */
const SEARCHES = 8;

/**
 * Lists traces. A search looks again at those traces alone that have changed since: a page asks for the same
 * list with every event.
 *
 * @param turnMs How long it goes on before others have their turn.
 * @returns A function whose second argument says whether anybody still waits. Where nobody does it gives undefined.
 */
export function traceLister(
  store: TraceStore,
  turnMs: number = TURN_MS,
): (request: ListRequest, isWanted?: () => boolean) => Promise<TraceList | undefined> {
  /** By filter, the one asked for last at the end. */
  const searches = new Map<string, Found>();

  function foundBy(filters: TraceFilters): Found {
    const key = JSON.stringify([filters.attributes, filters.text]);
    const found: Found = searches.get(key) ?? new WeakMap();
    searches.delete(key);
    searches.set(key, found);
    for (const oldest of searches.keys()) {
      if (searches.size <= SEARCHES) break;
      searches.delete(oldest);
    }
    return found;
  }

  /** Those that a search has found, but for what the store has let go meanwhile; undefined where nobody waits any more. */
  async function searched(
    candidates: readonly StoredTrace[],
    search: Search,
    found: Found,
    isWanted: () => boolean,
  ): Promise<StoredTrace[] | undefined> {
    const turn = turns(turnMs);
    const matching: StoredTrace[] = [];
    for (const trace of candidates) {
      const passes = remembered(trace, (each) => search(each, turn), found);
      const isFound = typeof passes === 'boolean' ? passes : await passes;
      if (!isWanted()) return undefined;
      if (isFound) matching.push(trace);
    }
    return matching.filter((trace) => store.get(trace.traceId) === trace);
  }

  return async ({ filters, sort, limit }, isWanted = () => true) => {
    const search = searchOf(filters);
    const quick = [...store.traces()].filter((trace) => passesQuickly(trace, filters));
    const matching = search ? await searched(quick, search, foundBy(filters), isWanted) : quick;
    if (!matching) return undefined;
    const traces = matching.toSorted(ORDERS[sort]).slice(0, limit);
    return {
      traces: traces.map((trace) => trace.summary()),
      matched: matching.length,
      counts: store.counts(),
    };
  };
}

function remembered(
  trace: StoredTrace,
  search: (trace: StoredTrace) => Promise<boolean>,
  found: Found,
): boolean | Promise<boolean> {
  const { revision } = trace;
  const known = found.get(trace);
  if (known?.revision === revision) return known.passes;
  const passing = search(trace).then((passes) => {
    // Of a trace that has changed meanwhile another search may have begun.
    if (found.get(trace)?.passes === passing) found.set(trace, { revision, passes });
    return passes;
  });
  found.set(trace, { revision, passes: passing });
  return passing;
}

function newest(a: StoredTrace, b: StoredTrace): number {
  if (a.startTimeUnixNano === b.startTimeUnixNano) return 0;
  return a.startTimeUnixNano > b.startTimeUnixNano ? -1 : 1;
}

const ORDERS: Readonly<Record<TraceSort, (a: StoredTrace, b: StoredTrace) => number>> = {
  newest,
  oldest: (a, b) => newest(b, a),
  longest: (a, b) => b.durationMs - a.durationMs || newest(a, b),
  shortest: (a, b) => a.durationMs - b.durationMs || newest(a, b),
  spans: (a, b) => b.spans.size - a.spans.size || newest(a, b),
  errors: (a, b) => b.errorCount - a.errorCount || newest(a, b),
};
