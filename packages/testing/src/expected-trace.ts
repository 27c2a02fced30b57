import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord, TraceTreeNode } from '@org/tracing-core';

import { unassigned } from './assignment.ts';
import { below, type DeepCall, deeply } from './deep-call.ts';
import { fitsValue, shownValue } from './expected-value.ts';

/** A span as a test expects it. What is left out may be anything, except children: there are none then. */
export interface ExpectedSpan {
  readonly name: string | RegExp;
  /** `service.name`. */
  readonly service?: string;
  readonly kind?: keyof typeof SpanKind;
  readonly status?: keyof typeof SpanStatusCode;
  /**
   * The attributes named here have to be there, or must not where the value is undefined; others may be. Here and in the
   * name, a regular expression stands for a text, and a runner's asymmetric matcher (`expect.any(Number)`) for what it
   * matches.
   */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** All the children, in any order: those of a span that calls two services at once start as they like. */
  readonly children?: readonly ExpectedSpan[];
}

type Node = TraceTreeNode<SpanRecord>;

/** What of a span is not as expected, and both values as text. */
export interface SpanDifference {
  /** `name`, `status`, or an attribute. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** Where a span is not as expected; empty where it is. Children are not looked at. */
export function spanDifferences({ span }: Node, expected: ExpectedSpan): SpanDifference[] {
  const differences: SpanDifference[] = [];
  const compare = (what: string, actual: unknown, wanted: unknown): void => {
    if (fitsValue(actual, wanted)) return;
    differences.push({ what, expected: shownValue(wanted), got: shownValue(actual) });
  };
  const { service, kind, status } = expected;
  compare('name', span.name, expected.name);
  if (service !== undefined) compare('service', span.serviceName, service);
  if (kind !== undefined) compare('kind', SpanKind[span.kind], kind);
  if (status !== undefined) compare('status', SpanStatusCode[span.status.code], status);
  for (const [key, wanted] of Object.entries(expected.attributes ?? {})) {
    compare(key, span.attributes[key], wanted);
  }
  return differences;
}

/** Says whether trees are as expected; of each pair of a node and an expected span it remembers the answer. */
export interface TreeMatching {
  /** Whether each node can be paired with one expected span whose whole subtree it fits, with nothing left on either side. */
  forest(nodes: readonly Node[], expected: readonly ExpectedSpan[]): boolean;
}

export function treeMatching(): TreeMatching {
  const known = new Map<Node, Map<ExpectedSpan, boolean>>();

  function* forest(nodes: readonly Node[], expected: readonly ExpectedSpan[]): DeepCall<boolean> {
    if (nodes.length !== expected.length) return false;
    return (yield* below(unassigned(nodes, expected, subtree))).length === 0;
  }

  function* subtree(node: Node, expected: ExpectedSpan): DeepCall<boolean> {
    const answers = known.get(node) ?? new Map<ExpectedSpan, boolean>();
    known.set(node, answers);
    const answer =
      answers.get(expected) ??
      (spanDifferences(node, expected).length === 0 &&
        (yield* forest(node.children ?? [], expected.children ?? [])));
    answers.set(expected, answer);
    return answer;
  }

  return { forest: (nodes, expected) => deeply(forest(nodes, expected)) };
}
