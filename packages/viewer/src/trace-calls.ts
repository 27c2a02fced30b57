import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import { externalName } from './external-name.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

/** A service, or what is none of its own. */
export interface CallNode {
  requests: number;
  errors: number;
  external: boolean;
}

export interface Call {
  readonly from: string;
  readonly to: string;
  readonly failed: boolean;
  readonly durationMs: number;
}

/** What one trace adds to the map of services. */
export interface TraceCalls {
  /** By name, in the order in which they were met. */
  readonly nodes: ReadonlyMap<string, Readonly<CallNode>>;
  readonly calls: readonly Call[];
  readonly lastStartUnixNano: bigint;
}

/**
 * The calls of a trace. A call is a SERVER or CONSUMER span below a span of its caller, or a CONSUMER span with a link to
 * the PRODUCER's; a CLIENT or PRODUCER span that nothing answers here is a call to what is no service of its own.
 */
export function traceCalls(trace: StoredTrace, store: TraceStore): TraceCalls {
  const nodes = new Map<string, CallNode>();
  const calls: Call[] = [];
  const calling = spansWithCallBelow(trace);
  const answered = answeredByLink(trace, store);
  let lastStartUnixNano = 0n;

  for (const span of trace.spans.values()) {
    if (span.startTimeUnixNano > lastStartUnixNano) lastStartUnixNano = span.startTimeUnixNano;
    const node = nodeOf(nodes, span.serviceName, false);
    if (isAnswer(span)) {
      count(node, span);
      for (const { serviceName } of callersOf(span, trace, store))
        calls.push(callOf(serviceName, span.serviceName, span));
    } else if (isCall(span) && !calling.has(span.spanId) && !answered.has(span.spanId)) {
      const name = externalName(span);
      if (name === undefined) continue;
      count(nodeOf(nodes, name, true), span);
      calls.push(callOf(span.serviceName, name, span));
    }
  }
  return { nodes, calls, lastStartUnixNano };
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

/** Ids of the trace's spans that a CONSUMER anywhere has a link to. */
function answeredByLink({ traceId }: StoredTrace, store: TraceStore): Set<string> {
  const answered = new Set<string>();
  for (const { span, link } of store.linksToTrace(traceId)) {
    if (span.kind === SpanKind.CONSUMER) answered.add(link.spanId);
  }
  return answered;
}

/** Ids of spans with a call or an answer right below, which tells of the call in their place. */
function spansWithCallBelow(trace: StoredTrace): Set<string | undefined> {
  const parents = new Set<string | undefined>();
  for (const span of trace.spans.values()) if (isCall(span) || isAnswer(span)) parents.add(span.parentSpanId);
  return parents;
}

/** Of that name; it stays a service where it is one anywhere, since a host may have the name of a service. */
export function nodeOf(nodes: Map<string, CallNode>, name: string, external: boolean): CallNode {
  let node = nodes.get(name);
  if (!node) nodes.set(name, (node = { requests: 0, errors: 0, external }));
  if (!external) node.external = false;
  return node;
}

function count(node: CallNode, span: SpanRecord): void {
  node.requests += 1;
  if (isFailed(span)) node.errors += 1;
}

function callOf(from: string, to: string, span: SpanRecord): Call {
  const nanos = span.endTimeUnixNano - span.startTimeUnixNano;
  return { from, to, failed: isFailed(span), durationMs: Math.max(0, Number(nanos) / 1e6) };
}

function isFailed({ status }: SpanRecord): boolean {
  return status.code === SpanStatusCode.ERROR;
}
