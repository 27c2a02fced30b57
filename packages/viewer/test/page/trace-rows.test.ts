import { expect, test } from 'vitest';

import { columnsOf } from '../../page/src/trace/columns.ts';
import {
  carriedOver,
  collapsedBelow,
  deepestShown,
  nextSpan,
  revealed,
  rowOf,
  visibleRows,
} from '../../page/src/trace/rows.ts';
import { nextFound, spansWith } from '../../page/src/trace/span-search.ts';
import { type DrawnSpan, makeTrace } from './make-trace.ts';

const DRAWN: readonly DrawnSpan[] = [
  [0, 'shop', 0, 100, { name: 'POST /orders' }],
  [1, 'shop', 10, 20],
  [2, 'stock', 11, 12, { name: 'SELECT Orders' }],
  [1, 'stock', 30, 40],
  [0, 'mail', 50, 60],
];
const columns = columnsOf(makeTrace(DRAWN));

test('rows leave out what is below a collapsed span, and find what hides a span', () => {
  const collapsed = Uint8Array.of(0, 1, 0, 0, 0);
  const rows = visibleRows(columns, collapsed);
  expect([...rows]).toEqual([0, 1, 3, 4]);
  expect([0, 1, 2, 3, 4].map((span) => rowOf(rows, span))).toEqual([0, 1, 1, 2, 3]);
  expect([...visibleRows(columns, revealed(columns, collapsed, 2))]).toEqual([0, 1, 2, 3, 4]);
});

test('a level is closed with all that lies below', () => {
  const rows = visibleRows(columns, collapsedBelow(columns, 1));
  expect([...rows]).toEqual([0, 4]);
  expect(deepestShown(columns, rows)).toBe(1);
  expect([...visibleRows(columns, collapsedBelow(columns, 2))]).toEqual([0, 1, 3, 4]);
});

test('what was collapsed stays so when spans come in between', () => {
  const grown = makeTrace([DRAWN[0]!, [1, 'late', 5, 6], ...DRAWN.slice(1)]);
  const ids = ['1', '9', '2', '3', '4', '5'].map((id) => id.padStart(16, '0'));
  const now = columnsOf({ ...grown, spans: { ...grown.spans, id: ids } });
  expect([...carriedOver(columns, Uint8Array.of(0, 1, 0, 0, 0), now)]).toEqual([0, 0, 1, 0, 0, 0]);
});

test('the next span that is wanted is found both ways and around the end', () => {
  const wanted = (index: number): boolean => index === 1 || index === 3;
  expect(nextSpan(5, 1, 1, wanted)).toBe(3);
  expect(nextSpan(5, 3, 1, wanted)).toBe(1);
  expect(nextSpan(5, 1, -1, wanted)).toBe(3);
  expect(nextSpan(5, 0, 1, () => false)).toBe(-1);
});

test('spans are found by name, service and id, whatever their case', () => {
  expect([...spansWith(columns, 'orders')]).toEqual([0, 2]);
  expect([...spansWith(columns, ' STOCK ')]).toEqual([2, 3]);
  expect([...spansWith(columns, '0005')]).toEqual([4]);
  expect([...spansWith(columns, ' ')]).toEqual([]);
});

test('the next of the found is the next in the tree, then the first again', () => {
  const found = Int32Array.of(1, 3);
  expect([0, 1, 3].map((span) => nextFound(found, span, 1))).toEqual([0, 1, 0]);
  expect([0, 2, 3].map((span) => nextFound(found, span, -1))).toEqual([1, 0, 0]);
  expect(nextFound(new Int32Array(0), 0, 1)).toBe(-1);
});
