import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  buildTraceTree,
  drawTraceTree,
  type SpanRecord,
  type TraceTreeNode,
  type TreeSpan,
} from '@org/tracing-core';

import { demands, type Equals, type ExpectedSpan, forestMatches, spanDifferences } from './expected-trace.ts';

type Node = TraceTreeNode<SpanRecord>;

/** The comparison of one trace with what is expected of it. */
export interface TraceComparison {
  readonly matches: boolean;
  /** Both trees, with a note at each place where they differ. */
  explain(): string;
}

/**
 * Compares the tree of one trace with the expected one: names, services, kinds, status and attributes as far
 * as they are given, and exactly the spans that are expected.
 */
export function compareTrace(
  spans: readonly SpanRecord[],
  expected: readonly ExpectedSpan[],
  equals: Equals,
): TraceComparison {
  const { traceId, roots } = buildTraceTree(spans);
  // A tree has one span of each id, and none of another trace.
  const left = spans.length - countNodes(roots);
  return {
    matches: left === 0 && forestMatches(roots, expected, equals),
    explain() {
      const { nodes, missing } = annotated(roots, expected, equals);
      const remarks = missing.map((name) => `missing: ${name}`);
      if (left > 0) remarks.push(`${left} more with the span id of another, or of another trace`);
      return [
        'Expected:',
        drawTraceTree({ roots: expected.map(expectedNode) }),
        '',
        'Received:',
        drawTraceTree({ ...(traceId !== undefined && { traceId }), roots: nodes }, { remarks }),
      ].join('\n');
    },
  };
}

/** The nodes with notes of what is not as expected, and the names of spans that are not there. */
function annotated(
  nodes: readonly Node[],
  expected: readonly ExpectedSpan[],
  equals: Equals,
): { nodes: Node[]; missing: string[] } {
  const { pairs, missing } = paired(nodes, expected, equals);
  return {
    nodes: nodes.map((node) => {
      const wanted = pairs.get(node);
      if (!wanted) return { ...node, notes: ['not expected'] };
      const below = annotated(node.children ?? [], wanted.children ?? [], equals);
      const notes = [
        ...spanDifferences(node, wanted, equals),
        ...below.missing.map((name) => `missing below: ${name}`),
      ];
      return { ...node, children: below.nodes, notes };
    }),
    missing: missing.map((span) => span.name),
  };
}

/** Pairs what fits as a whole, then what has the same name, then the rest in order. */
function paired(
  nodes: readonly Node[],
  expected: readonly ExpectedSpan[],
  equals: Equals,
): { pairs: Map<Node, ExpectedSpan>; missing: ExpectedSpan[] } {
  const pairs = new Map<Node, ExpectedSpan>();
  const missing = [...expected];
  const rules: ((node: Node, wanted: ExpectedSpan) => boolean)[] = [
    (node, wanted) => forestMatches([node], [wanted], equals),
    (node, wanted) => equals(node.span.name, wanted.name),
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

function expectedNode(expected: ExpectedSpan): TraceTreeNode {
  const { name, service, kind, status, children = [] } = expected;
  const span: TreeSpan = {
    name,
    ...(service !== undefined && { serviceName: service }),
    ...(kind !== undefined && { kind: SpanKind[kind] }),
    ...(status !== undefined && { status: { code: SpanStatusCode[status] } }),
  };
  return { span, children: children.map(expectedNode), notes: demands(expected) };
}

function countNodes(nodes: readonly Node[]): number {
  return nodes.reduce((count, node) => count + 1 + countNodes(node.children ?? []), 0);
}
