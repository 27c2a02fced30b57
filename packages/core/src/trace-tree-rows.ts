import { SpanKind } from '@opentelemetry/api';

import { type Detail, detailsOf, failed, type TreeLogLine } from './trace-tree-details.ts';
import { durationText, type TimeRange, timeRange } from './trace-tree-time.ts';
import type { TraceTree, TraceTreeNode } from './trace-tree.ts';

/** A span's part of the drawing, before it is known how wide each column is. */
export interface Row {
  readonly node: TraceTreeNode;
  /** Empty where the tree does not say. */
  readonly spanId: string;
  /** Lines of the tree that lead to the name. */
  readonly branch: string;
  /** The same for the lines beneath. */
  readonly detailBranch: string;
  readonly service: string;
  readonly name: string;
  /** `SERVER`; empty where the tree does not say. */
  readonly kind: string;
  readonly range: TimeRange | undefined;
  /** The length of `range` as text; empty without one. */
  readonly duration: string;
  readonly failed: boolean;
  readonly details: readonly Detail[];
}

/**
 * The rows of a tree from top to bottom.
 *
 * @param logs Log lines by span id.
 * @param branchLimit Columns of a branch that are kept, the last ones: a deep tree's branches would take up
 * memory by the square of its depth.
 */
export function rowsOf(
  tree: TraceTree,
  logs: ReadonlyMap<string, readonly TreeLogLine[]>,
  branchLimit: number,
): Row[] {
  const rows: Row[] = [];
  // A stack of our own: a chain of spans may be deeper than the engine's.
  const waiting = tree.roots.toReversed().map((node) => ({ node, branch: '', below: '' }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, branch, below } = next;
    const children = node.children ?? [];
    const detailBranch = below + (children.length > 0 ? '│  ' : '   ');
    rows.push(rowOf(node, branch, detailBranch, logs.get(node.span.spanId ?? '') ?? []));
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const child = children[index] as TraceTreeNode;
      const last = index === children.length - 1;
      waiting.push({
        node: child,
        branch: (below + (last ? '└─ ' : '├─ ')).slice(-branchLimit),
        below: (below + (last ? '   ' : '│  ')).slice(-branchLimit),
      });
    }
  }
  return rows;
}

function rowOf(node: TraceTreeNode, branch: string, detailBranch: string, logs: readonly TreeLogLine[]): Row {
  const { span } = node;
  const range = timeRange(span);
  return {
    node,
    spanId: span.spanId ?? '',
    branch,
    detailBranch,
    service: span.serviceName ?? '',
    name: span.name,
    kind: span.kind === undefined ? '' : (SpanKind[span.kind] ?? String(span.kind)),
    range,
    duration: range ? durationText(range) : '',
    failed: failed(span),
    details: detailsOf(node, logs),
  };
}
