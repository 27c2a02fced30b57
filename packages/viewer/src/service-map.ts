import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { ServiceEdge, ServiceMap } from './api.ts';
import { externalName } from './external-name.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

interface Node {
  requests: number;
  errors: number;
  external: boolean;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  errors: number;
  readonly durationsMs: number[];
}

/**
 * Who calls whom. A call is a SERVER or CONSUMER span below a span of its caller, or a CONSUMER span with a link to
 * the PRODUCER's; a CLIENT or PRODUCER span that nothing answers here is a call to what is no service of its own.
 */
export function serviceMap(store: TraceStore): ServiceMap {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  let [first, last] = [0n, 0n];
  const answered = answeredProducers(store);

  for (const trace of store.traces()) {
    const calling = spansWithCallBelow(trace);
    for (const span of trace.spans.values()) {
      const { startTimeUnixNano: start } = span;
      if (first === 0n || start < first) first = start;
      if (start > last) last = start;
      const node = nodeOf(nodes, span.serviceName, false);
      if (isAnswer(span)) {
        count(node, span);
        for (const caller of callersOf(span, trace, store))
          addCall(edges, caller.serviceName, span.serviceName, span);
      } else if (isCall(span) && !calling.has(span.spanId) && !answered.has(span)) {
        const name = externalName(span);
        if (name === undefined) continue;
        count(nodeOf(nodes, name, true), span);
        addCall(edges, span.serviceName, name, span);
      }
    }
  }
  const seconds = Number(last - first) / 1e9;
  return {
    nodes: [...nodes].map(([service, node]) => ({ service, ...node })),
    edges: [...edges.values()].map((edge) => told(edge, seconds)),
    seconds,
  };
}

function isAnswer({ kind }: SpanRecord): boolean {
  return kind === SpanKind.SERVER || kind === SpanKind.CONSUMER;
}

function isCall({ kind }: SpanRecord): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER;
}

/** Its parent; of a CONSUMER that is no child of a PRODUCER, the PRODUCERs that it is linked to. */
function callersOf(span: SpanRecord, trace: StoredTrace, store: TraceStore): SpanRecord[] {
  const parent = trace.spans.get(span.parentSpanId ?? '');
  if (span.kind === SpanKind.CONSUMER && parent?.kind !== SpanKind.PRODUCER) {
    const linked = linkedProducers(span, store);
    if (linked.length > 0) return linked;
  }
  // A consumer that works inside of another span of its own service was called by nobody.
  return parent && (isCall(parent) || parent.serviceName !== span.serviceName) ? [parent] : [];
}

function linkedProducers(span: SpanRecord, store: TraceStore): SpanRecord[] {
  const producers = span.links.map(({ traceId, spanId }) => store.get(traceId)?.spans.get(spanId));
  return producers
    .filter((producer) => producer !== undefined)
    .filter(({ kind }) => kind === SpanKind.PRODUCER);
}

/** PRODUCER spans that a CONSUMER has a link to. */
function answeredProducers(store: TraceStore): Set<SpanRecord> {
  const answered = new Set<SpanRecord>();
  for (const trace of store.traces()) {
    if (trace.linked.size === 0) continue;
    for (const span of trace.spans.values()) {
      if (span.kind !== SpanKind.CONSUMER) continue;
      for (const producer of linkedProducers(span, store)) answered.add(producer);
    }
  }
  return answered;
}

/** Ids of spans with a call or an answer right below, which tells of the call in their place. */
function spansWithCallBelow(trace: StoredTrace): Set<string | undefined> {
  const parents = new Set<string | undefined>();
  for (const span of trace.spans.values()) if (isCall(span) || isAnswer(span)) parents.add(span.parentSpanId);
  return parents;
}

function nodeOf(nodes: Map<string, Node>, name: string, external: boolean): Node {
  let node = nodes.get(name);
  if (!node) nodes.set(name, (node = { requests: 0, errors: 0, external }));
  // A host may have the name of a service that has spans.
  if (!external) node.external = false;
  return node;
}

function count(node: Node, span: SpanRecord): void {
  node.requests += 1;
  if (span.status.code === SpanStatusCode.ERROR) node.errors += 1;
}

function addCall(edges: Map<string, Edge>, from: string, to: string, span: SpanRecord): void {
  const key = JSON.stringify([from, to]);
  let edge = edges.get(key);
  if (!edge) edges.set(key, (edge = { from, to, errors: 0, durationsMs: [] }));
  if (span.status.code === SpanStatusCode.ERROR) edge.errors += 1;
  edge.durationsMs.push(Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6));
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
