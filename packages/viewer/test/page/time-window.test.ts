import { expect, test } from 'vitest';

import { barOf, moved, ticks, tickText, within, zoomed } from '../../page/src/trace/time-window.ts';

const whole = { fromUs: 0, toUs: 1000 };

test('a window stays within the whole: moved before it is cut', () => {
  expect(within(whole, { fromUs: -50, toUs: 50 })).toEqual({ fromUs: 0, toUs: 100 });
  expect(within(whole, { fromUs: 950, toUs: 1050 })).toEqual({ fromUs: 900, toUs: 1000 });
  expect(within(whole, { fromUs: -500, toUs: 5000 })).toEqual(whole);
  expect(within(whole, { fromUs: 500, toUs: 500 })).toEqual({ fromUs: 500, toUs: 501 });
});

test('zooming leaves the time under the pointer where it is', () => {
  expect(zoomed(whole, whole, 0.5, 200)).toEqual({ fromUs: 100, toUs: 600 });
  expect(zoomed(whole, { fromUs: 100, toUs: 600 }, 2, 200)).toEqual(whole);
});

test('moving goes on by a part of what is shown, up to the end', () => {
  expect(moved(whole, { fromUs: 100, toUs: 500 }, 0.25)).toEqual({ fromUs: 200, toUs: 600 });
  expect(moved(whole, { fromUs: 700, toUs: 1000 }, 0.25)).toEqual({ fromUs: 700, toUs: 1000 });
});

test('a bar is cut to the window, and its label goes where room is', () => {
  const shown = { fromUs: 100, toUs: 200 };
  expect(barOf(shown, 0, 150)).toEqual({ left: 0, width: 0.5, label: 'after' });
  expect(barOf(shown, 150, 900)).toEqual({ left: 0.5, width: 0.5, label: 'before' });
  expect(barOf(shown, 0, 900)).toEqual({ left: 0, width: 1, label: 'on' });
  expect(barOf(shown, 0, 99)).toBeUndefined();
  expect(barOf(shown, 201, 300)).toBeUndefined();
});

test('ticks are round times within the window', () => {
  expect(ticks({ fromUs: 0, toUs: 1000 }, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks({ fromUs: 1234, toUs: 1334 }, 5)).toEqual([1240, 1260, 1280, 1300, 1320]);
  expect(ticks({ fromUs: 7, toUs: 7 }, 5)).toEqual([7]);
});

test('ticks have one unit and the digits that tell them apart', () => {
  expect(tickText(200, 200)).toBe('0.2 ms');
  expect(tickText(1250, 50)).toBe('1250 µs');
  expect(tickText(1_500_000, 500_000)).toBe('1500 ms');
  expect(tickText(2_000_000, 1_000_000)).toBe('2 s');
});

test('a trace without length has a window and a bar', () => {
  const point = { fromUs: 0, toUs: 0 };
  expect(within(point, point)).toEqual(point);
  expect(barOf(point, 0, 0)).toMatchObject({ left: 0, width: 0 });
});
