import { buildTraceTree, type SpanRecord, type TraceTreeNode } from '@org/tracing-core';

import type { TraceDetail } from './api.ts';
import { byTime, logLine } from './log-api-line.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

const ORPHANS = { absent: 1, cycle: 2 } as const;

/** The spans of a trace in the order of its tree, as columns; what belongs to one span alone is left out. */
export function traceDetail(trace: StoredTrace, store: TraceStore): TraceDetail {
  const services = numberedTexts();
  const names = numberedTexts();
  const logs = new Map<string | undefined, number>();
  for (const { spanId } of trace.logs) logs.set(spanId, (logs.get(spanId) ?? 0) + 1);
  const start = trace.startTimeUnixNano;
  const spans = {
    id: [] as string[],
    parent: [] as number[],
    service: [] as number[],
    name: [] as number[],
    kind: [] as number[],
    startUs: [] as number[],
    durationUs: [] as number[],
    status: [] as number[],
    logs: [] as number[],
    links: [] as number[],
    orphan: [] as number[],
  };
  for (const { node, parent } of inOrder(buildTraceTree([...trace.spans.values()]).roots)) {
    const { span, orphan } = node;
    spans.id.push(span.spanId);
    spans.parent.push(parent);
    spans.service.push(services.numberOf(span.serviceName));
    spans.name.push(names.numberOf(span.name));
    spans.kind.push(span.kind);
    spans.startUs.push(Number(span.startTimeUnixNano - start) / 1000);
    spans.durationUs.push(Math.max(0, Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1000));
    spans.status.push(span.status.code);
    spans.logs.push(logs.get(span.spanId) ?? 0);
    spans.links.push(span.links.length);
    spans.orphan.push(orphan === undefined ? 0 : ORPHANS[orphan]);
  }
  return {
    summary: trace.summary(),
    startTimeUnixNano: String(start),
    services: services.texts,
    names: names.texts,
    spans,
    related: relatedTraces(trace, store),
    looseLogs: trace.logs
      .filter(({ spanId }) => spanId === undefined || !trace.spans.has(spanId))
      .toSorted(byTime)
      .map(logLine),
  };
}

interface Placed {
  readonly node: TraceTreeNode<SpanRecord>;
  /** Index of the parent in this order; -1 for a root. */
  readonly parent: number;
}

/** The nodes as they are drawn from top to bottom. A stack of our own: a chain of spans may be deeper than the engine's. */
function* inOrder(roots: readonly TraceTreeNode<SpanRecord>[]): Generator<Placed> {
  const waiting: Placed[] = roots.toReversed().map((node) => ({ node, parent: -1 }));
  let index = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const { children = [] } = next.node;
    for (let child = children.length - 1; child >= 0; child -= 1) {
      waiting.push({ node: children[child] as TraceTreeNode<SpanRecord>, parent: index });
    }
    index += 1;
  }
}

function relatedTraces(trace: StoredTrace, store: TraceStore): TraceDetail['related'] {
  const { traceId } = trace;
  const elsewhere = (id: string) => id !== traceId;
  const to = [...trace.linked].filter(elsewhere);
  const from = [...store.tracesTo(traceId)].filter(elsewhere);
  return [
    ...to.map((id) => ({ traceId: id, known: store.get(id) !== undefined, to: true })),
    ...from.map((id) => ({ traceId: id, known: store.get(id) !== undefined, to: false })),
  ];
}

/** Texts that are told once, and by number afterwards. */
function numberedTexts(): { readonly texts: readonly string[]; numberOf(text: string): number } {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  return {
    texts,
    numberOf(text) {
      let number = numbers.get(text);
      if (number === undefined) {
        number = texts.push(text) - 1;
        numbers.set(text, number);
      }
      return number;
    },
  };
}
