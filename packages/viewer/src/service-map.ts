import type { ServiceEdge, ServiceMap } from './api.ts';
import type { StoredTrace } from './stored-trace.ts';
import { type Call, type CallNode, nodeOf, type TraceCalls, traceCalls } from './trace-calls.ts';
import type { TraceStore } from './trace-store.ts';
import { TURN_MS, turns } from './turns.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
  errors: number;
  readonly durationsMs: number[];
}

/**
 * Who calls whom. A store that is as it was last time gives the same map again; otherwise those traces alone are looked at
 * that have changed since, or one that they link to.
 *
 * @param turnMs How long it looks at them before others have their turn.
 */
export function serviceMapReader(store: TraceStore, turnMs: number = TURN_MS): () => Promise<ServiceMap> {
  const known = new WeakMap<StoredTrace, { readonly revision: number; readonly calls: TraceCalls }>();
  let last: { readonly revision: number; readonly map: ServiceMap } | undefined;

  function callsOf(trace: StoredTrace): TraceCalls {
    const revision = revisionOfLinked(trace, store);
    let entry = known.get(trace);
    if (entry?.revision !== revision)
      known.set(trace, (entry = { revision, calls: traceCalls(trace, store) }));
    return entry.calls;
  }

  return async () => {
    const turn = turns(turnMs);
    if (last?.revision !== store.revision) {
      // Those of now: while they are looked at, others may come without end.
      const traces = [...store.traces()];
      for (const trace of traces) {
        callsOf(trace);
        const wait = turn();
        if (wait) await wait;
      }
    }
    // Services may have sent spans meanwhile: of those traces it looks at once.
    const { revision } = store;
    if (last?.revision !== revision) last = { revision, map: mapOf(store, callsOf) };
    return last.map;
  };
}

/** The latest of the trace, which changes with the links to it, and of those that it links to, where producers may be. */
function revisionOfLinked(trace: StoredTrace, store: TraceStore): number {
  let latest = trace.revision;
  for (const traceId of trace.linked) latest = Math.max(latest, store.get(traceId)?.revision ?? 0);
  return latest;
}

function mapOf(store: TraceStore, callsOf: (trace: StoredTrace) => TraceCalls): ServiceMap {
  const nodes = new Map<string, CallNode>();
  /** By caller, then by callee. */
  const edges = new Map<string, Map<string, Edge>>();
  let [first, last] = [0n, 0n];

  for (const trace of store.traces()) {
    const { startTimeUnixNano: start } = trace;
    const { nodes: met, calls, lastStartUnixNano } = callsOf(trace);
    if (first === 0n || start < first) first = start;
    if (lastStartUnixNano > last) last = lastStartUnixNano;
    for (const [name, { requests, errors, external }] of met) {
      const node = nodeOf(nodes, name, external);
      node.requests += requests;
      node.errors += errors;
    }
    for (const call of calls) addCall(edges, call);
  }
  const seconds = Number(last - first) / 1e9;
  return {
    nodes: [...nodes].map(([service, node]) => ({ service, ...node })),
    edges: [...edges.values()].flatMap((some) => [...some.values()].map((edge) => told(edge, seconds))),
    seconds,
  };
}

function addCall(edges: Map<string, Map<string, Edge>>, { from, to, failed, durationMs }: Call): void {
  let below = edges.get(from);
  if (!below) edges.set(from, (below = new Map()));
  let edge = below.get(to);
  if (!edge) below.set(to, (edge = { from, to, errors: 0, durationsMs: [] }));
  if (failed) edge.errors += 1;
  edge.durationsMs.push(durationMs);
}

function told({ from, to, errors, durationsMs }: Edge, seconds: number): ServiceEdge {
  const calls = durationsMs.length;
  const ordered = Float64Array.from(durationsMs).toSorted();
  const percentile = (part: number) => ordered[Math.max(0, Math.ceil(calls * part) - 1)] ?? 0;
  return {
    from,
    to,
    calls,
    errors,
    // Of less than a second a rate would say more than is known.
    perSecond: calls / Math.max(1, seconds),
    errorRate: errors / calls,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}
