import {
  buildTraceTree,
  type DrawTraceTreeOptions,
  type SpanRecord,
  type TraceTree,
  type TraceTreeNode,
} from '@org/tracing-core';

import { failureLook } from './failure-look.ts';
import { drawExcerpt } from './trace-excerpt.ts';
import { mapTree } from './tree-walk.ts';

/** Spans by trace id, the traces in the order of their first span. */
export function groupByTrace(spans: readonly SpanRecord[]): SpanRecord[][] {
  const byId = new Map<string, SpanRecord[]>();
  for (const span of spans) {
    const trace = byId.get(span.traceId);
    if (trace) trace.push(span);
    else byId.set(span.traceId, [span]);
  }
  return [...byId.values()];
}

/** What to draw besides the spans. */
export interface TraceNotes extends Pick<DrawTraceTreeOptions, 'logs'> {
  /** Remarks to draw beneath spans, by span id. */
  readonly notes?: ReadonlyMap<string, readonly string[]>;
}

/** Every trace that the spans are of, drawn for a failure; of long ones the spans with notes, and those around. */
export function drawTraces(spans: readonly SpanRecord[], { notes, logs }: TraceNotes = {}): string {
  if (spans.length === 0) return '(no spans)';
  const look = failureLook();
  return groupByTrace(spans)
    .map((trace) => drawExcerpt(withNotes(buildTraceTree(trace), notes), { ...look, ...(logs && { logs }) }))
    .join('\n\n');
}

function withNotes(tree: TraceTree, notes: TraceNotes['notes']): TraceTree {
  if (!notes) return tree;
  const noted = (node: TraceTreeNode, children: TraceTreeNode[]): TraceTreeNode => ({
    ...node,
    children,
    notes: notes.get(node.span.spanId ?? '') ?? [],
  });
  return { ...tree, roots: mapTree(tree.roots, noted) };
}
