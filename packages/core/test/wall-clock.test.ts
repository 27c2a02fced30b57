import { afterEach, expect, test, vi } from 'vitest';

import { wallTime } from '../src/wall-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** How far the wall clock and ours are apart, in milliseconds; the wall clock shows whole ones. */
function apart(): number {
  return wallTime() - Date.now();
}

test('a moment of some time ago does not move the clock', () => {
  const now = wallTime();
  const monotonic = performance.now();
  expect(wallTime(monotonic - 50)).toBeLessThan(now - 49);
  expect(wallTime(monotonic - 50)).toBeGreaterThan(now - 51);
  expect(wallTime(monotonic)).toBeGreaterThanOrEqual(now);
  expect(wallTime(monotonic)).toBeLessThan(now + 1);
});

test('moments keep their distance', () => {
  const monotonic = performance.now();
  expect(wallTime(monotonic + 0.5) - wallTime(monotonic)).toBeCloseTo(0.5, 3);
});

test('a wall clock that has been set is followed', () => {
  expect(Math.abs(apart())).toBeLessThan(5);
  const later = Date.now() + 3_600_000;
  vi.useFakeTimers({ toFake: ['Date'], now: later });
  expect(Math.abs(wallTime() - later)).toBeLessThan(5);
  vi.useRealTimers();
  expect(Math.abs(apart())).toBeLessThan(5);
});
