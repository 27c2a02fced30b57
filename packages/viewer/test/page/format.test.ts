import { expect, test } from 'vitest';

import {
  bytesText,
  cut,
  durationText,
  isoNanoText,
  microsBetween,
  offsetText,
  percentText,
  plural,
  rateText,
} from '../../page/src/format.ts';
import { ServiceSlots, SLOTS } from '../../page/src/service-slots.ts';

test('durations have three digits and a unit', () => {
  const texts = [
    0, 0.25, 7, 812.4, 999.6, 4230, 48_200, 356_000, 999_600, 48_200_000, 59_600_000, 125e6, 12_000e6,
  ];
  expect(texts.map(durationText)).toEqual([
    '0 ms',
    '250 ns',
    '7.00 µs',
    '812 µs',
    '1.00 ms',
    '4.23 ms',
    '48.2 ms',
    '356 ms',
    '1.00 s',
    '48.2 s',
    '1m 00s',
    '2m 05s',
    '3h 20m',
  ]);
});

test('offsets carry their sign', () => {
  expect(offsetText(4230)).toBe('+4.23 ms');
  expect(offsetText(-4230)).toBe('−4.23 ms');
});

test('times of nanoseconds lose nothing', () => {
  expect(isoNanoText('1700000000123456789')).toBe('2023-11-14T22:13:20.123456789Z');
  expect(microsBetween('1700000000123456789', '1700000000123458789')).toBe(2);
});

test('counts, bytes, parts and rates read well', () => {
  expect([plural(1, 'span'), plural(1204, 'span')]).toEqual(['1 span', '1,204 spans']);
  expect([812, 18_240_000, 268_435_456].map(bytesText)).toEqual(['812 B', '17.4 MiB', '256 MiB']);
  expect([0, 0.00001, 0.0042, 0.075, 0.12, 1].map(percentText)).toEqual([
    '0 %',
    '<0.01 %',
    '0.42 %',
    '7.5 %',
    '12 %',
    '100 %',
  ]);
  expect([1200, 4.25, 0.25, 0.05].map(rateText)).toEqual(['1,200/s', '4.3/s', '0.25/s', '3/min']);
});

test('a cut text tells so, and holds no half of a character', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdefg', 6)).toBe('abcde…');
  expect(cut('abcd😀fgh', 6)).toBe('abcd…');
});

test('services have colours of their own, which they keep', () => {
  const slots = new ServiceSlots();
  const names = Array.from({ length: SLOTS }, (_, index) => `service-${index}`);
  const given = names.map((name) => slots.slotOf(name));
  expect(new Set(given).size).toBe(SLOTS);
  expect(names.map((name) => slots.slotOf(name))).toEqual(given);
  expect(slots.slotOf('one more')).toBeLessThan(SLOTS);
  const later = new ServiceSlots(slots.entries);
  expect(names.toReversed().map((name) => later.slotOf(name))).toEqual(given.toReversed());
});
