import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord, TraceTreeNode } from '@org/tracing-core';

/** A span as a test expects it. What is left out may be anything, except children: there are none then. */
export interface ExpectedSpan {
  readonly name: string;
  /** `service.name`. */
  readonly service?: string;
  readonly kind?: keyof typeof SpanKind;
  readonly status?: keyof typeof SpanStatusCode;
  /** The attributes named here have to be there; others may be. Vitest's asymmetric matchers may stand in. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** All the children, in any order: those of a span that calls two services at once start as they like. */
  readonly children?: readonly ExpectedSpan[];
}

/** Whether two values are equal; vitest's own, which knows the asymmetric matchers. */
export type Equals = (actual: unknown, expected: unknown) => boolean;

type Node = TraceTreeNode<SpanRecord>;

/** Where a span is not as expected, a line each; empty where it is. Children are not looked at. */
export function spanDifferences({ span }: Node, expected: ExpectedSpan, equals: Equals): string[] {
  const differences: string[] = [];
  const compare = (what: string, actual: unknown, wanted: unknown): void => {
    if (wanted !== undefined && !equals(actual, wanted)) {
      differences.push(`${what}: expected ${shown(wanted)}, got ${shown(actual)}`);
    }
  };
  compare('name', span.name, expected.name);
  compare('service', span.serviceName, expected.service);
  compare('kind', SpanKind[span.kind], expected.kind);
  compare('status', SpanStatusCode[span.status.code], expected.status);
  for (const [key, wanted] of Object.entries(expected.attributes ?? {})) {
    compare(key, span.attributes[key], wanted);
  }
  return differences;
}

/**
 * Pairs every node with one expected span whose whole subtree fits it.
 *
 * @returns False where no pairing leaves nothing over on either side.
 */
export function forestMatches(
  nodes: readonly Node[],
  expected: readonly ExpectedSpan[],
  equals: Equals,
): boolean {
  if (nodes.length !== expected.length) return false;
  const [node, ...others] = nodes;
  if (node === undefined) return true;
  // The first that fits may be the only one for a later node, so every one is tried.
  return expected.some(
    (candidate, index) =>
      subtreeMatches(node, candidate, equals) && forestMatches(others, expected.toSpliced(index, 1), equals),
  );
}

function subtreeMatches(node: Node, expected: ExpectedSpan, equals: Equals): boolean {
  return (
    spanDifferences(node, expected, equals).length === 0 &&
    forestMatches(node.children ?? [], expected.children ?? [], equals)
  );
}

/** What an expected span demands that its line in a tree does not show, a line each. */
export function demands({ status, attributes = {} }: ExpectedSpan): string[] {
  return [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...Object.entries(attributes).map(([key, value]) => `${key}: ${shown(value)}`),
  ];
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? 'nothing';
}
