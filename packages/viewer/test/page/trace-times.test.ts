import { expect, test } from 'vitest';

import { clockSkew } from '../../page/src/trace/clock-skew.ts';
import { columnsOf } from '../../page/src/trace/columns.ts';
import { criticalPath } from '../../page/src/trace/critical-path.ts';
import { selfTimes, sharesOf } from '../../page/src/trace/self-time.ts';
import { type DrawnSpan, makeTrace } from './make-trace.ts';

const CONSUMER = 4;
const PRODUCER = 3;

const columns = (drawn: readonly DrawnSpan[]) => columnsOf(makeTrace(drawn));

/** The stretches of the critical path as `[span, from, to]`. */
function path(drawn: readonly DrawnSpan[]): number[][] {
  const { span, fromUs, toUs } = criticalPath(columns(drawn));
  return [...span].map((index, at) => [index, fromUs[at] as number, toUs[at] as number]);
}

test('columns know level, place among siblings and what lies below', () => {
  const { level, children, position, after, roots } = columns([
    [0, 'a', 0, 100],
    [1, 'a', 10, 20],
    [2, 'a', 11, 12],
    [1, 'a', 30, 40],
    [0, 'b', 50, 60],
  ]);
  expect([...level]).toEqual([1, 2, 3, 2, 1]);
  expect([...children]).toEqual([2, 1, 0, 0, 0]);
  expect([...position]).toEqual([1, 1, 1, 2, 2]);
  expect([...after]).toEqual([4, 3, 3, 4, 5]);
  expect(roots).toBe(2);
});

test('children that run at the same time count once against self time', () => {
  const self = selfTimes(
    columns([
      [0, 'a', 0, 100],
      [1, 'a', 10, 40],
      [1, 'a', 20, 50],
      [1, 'a', 25, 30],
      [1, 'a', 70, 80],
    ]),
  );
  expect([...self]).toEqual([50, 30, 30, 5, 10]);
});

test('what a child does outside of its parent counts for nothing against its self time', () => {
  const self = selfTimes(
    columns([
      [0, 'a', 10, 20],
      [1, 'b', 0, 12],
      [1, 'b', 18, 90],
      [1, 'b', 95, 99],
    ]),
  );
  expect(self[0]).toBe(6);
});

test('shares of services come with the greatest first', () => {
  const trace = columns([
    [0, 'a', 0, 100],
    [1, 'b', 10, 90],
    [2, 'a', 20, 30],
  ]);
  expect(sharesOf(trace, selfTimes(trace))).toEqual([
    { service: 1, us: 70 },
    { service: 0, us: 30 },
  ]);
});

test('the critical path goes into the child that ended last, and through the parent where none ran', () => {
  expect(
    path([
      [0, 'a', 0, 100],
      [1, 'a', 10, 40],
      [1, 'a', 15, 80],
      [2, 'a', 20, 70],
    ]),
  ).toEqual([
    [0, 0, 15],
    [2, 15, 20],
    [3, 20, 70],
    [2, 70, 80],
    [0, 80, 100],
  ]);
});

test('calls one after the other are all on the critical path, one beside them is not', () => {
  expect(
    path([
      [0, 'a', 0, 100],
      [1, 'a', 5, 30],
      [1, 'a', 10, 20],
      [1, 'a', 40, 95],
    ]),
  ).toEqual([
    [0, 0, 5],
    [1, 5, 30],
    [0, 30, 40],
    [3, 40, 95],
    [0, 95, 100],
  ]);
});

test('the critical path fills the longest root without a gap, whatever clocks say', () => {
  const drawn: DrawnSpan[] = [
    [0, 'a', 0, 10],
    [0, 'a', 20, 120],
    [1, 'b', 15, 70],
    [1, 'b', 60, 130],
    [2, 'c', 110, 140],
  ];
  expect(path(drawn)).toEqual([
    [1, 20, 60],
    [3, 60, 110],
    [4, 110, 120],
  ]);
});

test('nobody waits for a consumer that outlives what sent to it', () => {
  expect(
    path([
      [0, 'a', 0, 100],
      [1, 'worker', 50, 300, { kind: CONSUMER }],
    ]),
  ).toEqual([[0, 0, 100]]);
});

test('the stretches of one span are found from it', () => {
  const { timeUs, first, next } = criticalPath(
    columns([
      [0, 'a', 0, 100],
      [1, 'a', 10, 40],
    ]),
  );
  expect([...timeUs]).toEqual([70, 30]);
  expect([first[0], next[0], next[2]]).toEqual([0, 2, -1]);
});

test('a chain of 50,000 spans has a critical path', () => {
  const drawn = Array.from({ length: 50_000 }, (_, index): DrawnSpan => [index, 'a', index, 200_000 - index]);
  expect(criticalPath(columns(drawn)).timeUs.reduce((sum, time) => sum + time, 0)).toBe(200_000);
});

test('a span that lies outside of its parent in another service is skewed by so much', () => {
  const skew = clockSkew(
    columns([
      [0, 'a', 100, 20_000],
      [1, 'b', 40, 15_000],
      [1, 'b', 120, 32_000],
      [1, 'b', 99.5, 19_000],
    ]),
  );
  expect([...skew.beforeUs]).toEqual([0, 60, 0, 0]);
  expect([...skew.afterUs]).toEqual([0, 0, 12_000, 0]);
  expect(skew).toMatchObject({ count: 2, mostUs: 12_000 });
});

test('a server that is done some milliseconds after its caller is no skew: the answer was under way', () => {
  const skew = clockSkew(
    columns([
      [0, 'a', 0, 5000],
      [1, 'b', 100, 9000],
    ]),
  );
  expect(skew.count).toBe(0);
});

test('within one service, and after a message, outliving the parent is no skew', () => {
  const skew = clockSkew(
    columns([
      [0, 'a', 0, 100],
      [1, 'a', 90, 300],
      [1, 'a', 10, 20, { kind: PRODUCER }],
      [2, 'b', 30, 40_000],
      [1, 'b', 50, 50_000, { kind: CONSUMER }],
    ]),
  );
  expect(skew.count).toBe(0);
});
