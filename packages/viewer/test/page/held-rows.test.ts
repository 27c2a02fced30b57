import { expect, test } from 'vitest';

import { heldRows, keptWhereSame } from '../../page/src/list/held-rows.ts';
import { makeTrace } from './make-trace.ts';

const trace = (traceId: string, revision = 1) => ({
  ...makeTrace([[0, 'a', 0, 1]]).summary,
  traceId,
  revision,
});

test('rows that are read stay where they are, with what is new of them', () => {
  const shown = [trace('b'), trace('a')];
  const { rows, waiting } = heldRows(shown, [trace('d'), trace('a', 2), trace('c'), trace('b')]);
  expect(rows.map(({ traceId, revision }) => [traceId, revision])).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
  expect(rows[0]).toBe(shown[0]);
  expect(waiting).toBe(2);
});

test('a trace that has not changed is the same object as before', () => {
  const before = [trace('a'), trace('b')];
  const rows = keptWhereSame(before, [trace('c'), trace('b'), trace('a', 2)]);
  expect(rows.map(({ traceId, revision }) => [traceId, revision])).toEqual([
    ['c', 1],
    ['b', 1],
    ['a', 2],
  ]);
  expect(rows[1]).toBe(before[1]);
});

test('a row that the answer lacks stays', () => {
  expect(heldRows([trace('a')], [])).toEqual({ rows: [trace('a')], waiting: 0 });
});
