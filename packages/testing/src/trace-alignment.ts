import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord, TraceTreeNode, TreeSpan } from '@org/tracing-core';

import { below, type DeepCall, deeply } from './deep-call.ts';
import { differenceNote } from './difference-text.ts';
import {
  type ExpectedSpan,
  type SpanDifference,
  spanDifferences,
  type TreeMatching,
} from './expected-trace.ts';
import { fitsValue, shownName, shownValue } from './expected-value.ts';
import type { ExcerptRow } from './trace-excerpt.ts';
import { mapTree, walk } from './tree-walk.ts';
import { counted } from './verdict.ts';

type Node = TraceTreeNode<SpanRecord>;

/** A line of a comparison: an expected span and the received one that stands for it, or one of them alone. */
export interface AlignedRow extends ExcerptRow {
  readonly expected?: TraceTreeNode;
  readonly received?: TraceTreeNode;
}

/** A difference in words: of a span's value, or a span that is on one side only. */
export interface TreeDifference {
  /** The span, or what there is to say of it. */
  readonly text: string;
  readonly value?: SpanDifference;
}

/** Two trees, so that what belongs together stands in the same order. */
export interface Alignment {
  readonly expected: readonly TraceTreeNode[];
  /** With notes of what is not as expected. */
  readonly received: readonly TraceTreeNode[];
  /** From top to bottom. The expected ones, and the received ones, come as in their trees. */
  readonly rows: readonly AlignedRow[];
  readonly differences: readonly TreeDifference[];
}

/**
 * Pairs received spans with expected ones, as far as they have something in common.
 *
 * @param matching That of these trees, so that what it knows is not compared anew at each level.
 */
export function align(
  roots: readonly Node[],
  expected: readonly ExpectedSpan[],
  matching: TreeMatching,
): Alignment {
  const rows: AlignedRow[] = [];
  const differences: TreeDifference[] = [];

  function* level(
    nodes: readonly Node[],
    wanted: readonly ExpectedSpan[],
    parent?: { row: number; node: Node },
  ): DeepCall<{ expected: TraceTreeNode[]; received: TraceTreeNode[] }> {
    const { pairs, missing } = paired(nodes, wanted, matching);
    const result = { expected: [] as TraceTreeNode[], received: [] as TraceTreeNode[] };
    for (const node of nodes) {
      const other = pairs.get(node);
      if (other) {
        const both = yield* below(pair(node, other, parent?.row));
        result.expected.push(both.expected);
        result.received.push(both.received);
      } else {
        differences.push({ text: `not expected: ${named(node.span)}${underneath(node)}` });
        result.received.push(alone('received', node, parent?.row));
      }
    }
    for (const span of missing) {
      const where = parent ? ` below ${named(parent.node.span)}` : '';
      const [node] = mapTree([span], expectedNode) as [TraceTreeNode];
      differences.push({ text: `missing${where}: ${named(node.span)}${underneath(node)}` });
      result.expected.push(alone('expected', node, parent?.row));
    }
    return result;
  }

  function* pair(
    node: Node,
    wanted: ExpectedSpan,
    parent: number | undefined,
  ): DeepCall<{ expected: TraceTreeNode; received: TraceTreeNode }> {
    const values = spanDifferences(node, wanted);
    for (const value of values) differences.push({ text: named(node.span), value });
    const notes = values.map(differenceNote);
    // Its row comes before those of its children, which become part of its nodes.
    const row = rows.push({ parent, marked: notes.length > 0 }) - 1;
    const children = yield* below(level(node.children ?? [], wanted.children ?? [], { row, node }));
    const both = {
      expected: expectedNode(wanted, children.expected),
      received: { ...node, children: children.received, notes },
    };
    rows[row] = { parent, marked: notes.length > 0, ...both };
    return both;
  }

  function alone(
    side: 'expected' | 'received',
    root: TraceTreeNode,
    parent: number | undefined,
  ): TraceTreeNode {
    const rowOf = new Map<TraceTreeNode, number>();
    for (const node of walk([root])) {
      const above = node === root ? parent : rowOf.get(node);
      const row = rows.push({ parent: above, marked: true, [side]: node }) - 1;
      for (const child of node.children ?? []) rowOf.set(child, row);
    }
    return root;
  }

  return { ...deeply(level(roots, expected)), rows, differences };
}

/** Pairs what fits as a whole, then what has the same name, then the rest in order. */
function paired(
  nodes: readonly Node[],
  expected: readonly ExpectedSpan[],
  matching: TreeMatching,
): { pairs: Map<Node, ExpectedSpan>; missing: ExpectedSpan[] } {
  const pairs = new Map<Node, ExpectedSpan>();
  const missing = [...expected];
  const rules: ((node: Node, wanted: ExpectedSpan) => boolean)[] = [
    (node, wanted) => matching.forest([node], [wanted]),
    (node, wanted) => fitsValue(node.span.name, wanted.name),
    () => true,
  ];
  for (const fits of rules) {
    for (const node of nodes) {
      const index = pairs.has(node) ? -1 : missing.findIndex((wanted) => fits(node, wanted));
      const [wanted] = index === -1 ? [] : missing.splice(index, 1);
      if (wanted) pairs.set(node, wanted);
    }
  }
  return { pairs, missing };
}

function expectedNode(expected: ExpectedSpan, children: TraceTreeNode[]): TraceTreeNode {
  const { name, service, kind, status } = expected;
  const span: TreeSpan = {
    name: shownName(name),
    ...(service !== undefined && { serviceName: service }),
    ...(kind !== undefined && { kind: SpanKind[kind] }),
    ...(status !== undefined && { status: { code: SpanStatusCode[status] } }),
  };
  return { span, children };
}

/** A span in a sentence: `"GET /stock/:sku" (inventory)`. */
export function named({ name, serviceName }: TreeSpan): string {
  return `${shownValue(name)}${serviceName ? ` (${serviceName})` : ''}`;
}

function underneath(node: TraceTreeNode): string {
  const count = countNodes(node.children ?? []);
  return count === 0 ? '' : `, and ${counted(count, 'span')} below it`;
}

/** How many spans a tree has. */
export function countNodes(nodes: readonly TraceTreeNode[]): number {
  return [...walk(nodes)].length;
}
