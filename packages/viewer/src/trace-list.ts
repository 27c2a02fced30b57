import type { TraceList, TraceSort } from './api.ts';
import type { StoredTrace } from './stored-trace.ts';
import { passesQuickly, searchOf } from './trace-filter.ts';
import type { ListRequest, TraceFilters } from './trace-query.ts';
import type { TraceStore } from './trace-store.ts';

/** What a search has found of a trace, at one of its revisions. */
type Found = WeakMap<StoredTrace, { readonly revision: number; readonly passes: boolean }>;

/** Searches that are remembered; each page that is open has one. */
const SEARCHES = 8;

/**
 * Lists traces. A search looks again at those traces alone that have changed since: a page asks for the same
 * list with every event.
 */
export function traceLister(store: TraceStore): (request: ListRequest) => TraceList {
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

  return ({ filters, sort, limit }) => {
    const search = searchOf(filters);
    const found = search && foundBy(filters);
    const matching: StoredTrace[] = [];
    for (const trace of store.traces()) {
      if (!passesQuickly(trace, filters)) continue;
      if (search && found && !remembered(trace, search, found)) continue;
      matching.push(trace);
    }
    const traces = matching.toSorted(ORDERS[sort]).slice(0, limit);
    return {
      traces: traces.map((trace) => trace.summary()),
      matched: matching.length,
      counts: store.counts(),
    };
  };
}

function remembered(trace: StoredTrace, search: (trace: StoredTrace) => boolean, found: Found): boolean {
  const known = found.get(trace);
  if (known?.revision === trace.revision) return known.passes;
  const passes = search(trace);
  found.set(trace, { revision: trace.revision, passes });
  return passes;
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
