import type { Facets } from './api.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

const AT_MOST = 500;

/** Gathers what filters can choose from. A trace whose revision is the one of last time is not read again. */
export function facetReader(store: TraceStore): () => Facets {
  const keys = new WeakMap<StoredTrace, { readonly revision: number; readonly names: ReadonlySet<string> }>();

  function keysOf(trace: StoredTrace): ReadonlySet<string> {
    const known = keys.get(trace);
    if (known?.revision === trace.revision) return known.names;
    const names = new Set<string>();
    for (const { attributes } of trace.spans.values()) for (const key in attributes) names.add(key);
    keys.set(trace, { revision: trace.revision, names });
    return names;
  }

  return () => {
    const services = new Set<string>();
    const routes = new Set<string>();
    const statuses = new Set<number>();
    const attributeKeys = new Set<string>();
    for (const trace of store.traces()) {
      for (const service of trace.services.keys()) services.add(service);
      for (const route of trace.routes) routes.add(route);
      if (trace.httpStatus !== undefined) statuses.add(trace.httpStatus);
      for (const key of keysOf(trace)) attributeKeys.add(key);
    }
    return {
      services: sorted(services),
      routes: sorted(routes),
      statuses: [...statuses].toSorted((a, b) => a - b).slice(0, AT_MOST),
      attributeKeys: sorted(attributeKeys),
    };
  };
}

function sorted(texts: ReadonlySet<string>): string[] {
  return [...texts].toSorted().slice(0, AT_MOST);
}
