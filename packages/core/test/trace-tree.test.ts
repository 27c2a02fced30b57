import { expect, test } from 'vitest';

import type { SpanRecord } from '../src/span-record.ts';
import { buildTraceTree, type TraceTreeNode } from '../src/trace-tree.ts';
import { makeSpanRecord, TRACE_ID } from './make-span-record.ts';

/** `1(2 3(4)) 5!absent`: span numbers, children in brackets, orphans marked. */
function shape(nodes: readonly TraceTreeNode<SpanRecord>[]): string {
  return nodes
    .map(({ span, children = [], orphan }) => {
      const below = children.length > 0 ? `(${shape(children)})` : '';
      return `${Number.parseInt(span.spanId, 16)}${below}${orphan ? `!${orphan}` : ''}`;
    })
    .join(' ');
}

test('spans in any order become one tree, children by start time', () => {
  const tree = buildTraceTree([
    makeSpanRecord(4, 3, [31, 32]),
    makeSpanRecord(3, 1, [30, 40]),
    makeSpanRecord(2, 1, [10, 20]),
    makeSpanRecord(1, undefined, [0, 50]),
  ]);
  expect(tree.traceId).toBe(TRACE_ID);
  expect(shape(tree.roots)).toBe('1(2 3(4))');
});

test('a span whose parent is not there is a root and marked as an orphan', () => {
  const tree = buildTraceTree([
    makeSpanRecord(3, 9, [5, 6]),
    makeSpanRecord(1, undefined, [0, 50]),
    makeSpanRecord(2, 1, [1, 2]),
  ]);
  expect(shape(tree.roots)).toBe('1(2) 3!absent');
});

test('duplicates by span id are dropped', () => {
  const tree = buildTraceTree([
    makeSpanRecord(1, undefined, [0, 50], { name: 'kept' }),
    makeSpanRecord(1, undefined, [0, 50], { name: 'sent again' }),
    makeSpanRecord(2, 1, [1, 2]),
    makeSpanRecord(2, 1, [1, 2]),
  ]);
  expect(shape(tree.roots)).toBe('1(2)');
  expect(tree.roots[0]?.span.name).toBe('kept');
});

test('spans that are each other\u2019s ancestors hang below the earliest of them, and none is lost', () => {
  const tree = buildTraceTree([
    makeSpanRecord(1, undefined, [0, 50]),
    makeSpanRecord(2, 4, [10, 20]),
    makeSpanRecord(3, 2, [11, 20]),
    makeSpanRecord(4, 3, [12, 20]),
    makeSpanRecord(5, 3, [9, 20]),
    makeSpanRecord(6, 6, [30, 31]),
  ]);
  expect(shape(tree.roots)).toBe('1 2(3(5 4))!cycle 6!cycle');
});

test('spans of another trace are left out', () => {
  const stranger = makeSpanRecord(2, 1, [1, 2], { traceId: 'f'.repeat(32) });
  expect(shape(buildTraceTree([makeSpanRecord(1, undefined, [0, 9]), stranger]).roots)).toBe('1');
});

test('no spans make a tree without roots', () => {
  expect(buildTraceTree([])).toEqual({ roots: [] });
});

test('a chain of 20,000 spans is built without running out of stack', () => {
  const spans = Array.from({ length: 20_000 }, (_, number) =>
    makeSpanRecord(number + 1, number === 0 ? undefined : number, [number, 20_000]),
  );
  let depth = 0;
  let node: TraceTreeNode<SpanRecord> | undefined = buildTraceTree(spans).roots[0];
  for (; node; node = node.children?.[0]) depth += 1;
  expect(depth).toBe(20_000);
});
