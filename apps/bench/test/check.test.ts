import { expect, test } from 'vitest';

import { measureRatios } from '../src/check.ts';
import { recordedFor, regressions } from '../src/recorded.ts';

test('the kit costs no more beside stock than was recorded', { timeout: 240_000 }, async () => {
  const recorded = recordedFor(Number(process.versions.node.split('.')[0])) ?? {};
  expect(recorded).toHaveProperty('kit');
  const measured = await measureRatios(process.execPath);
  expect(regressions(measured, recorded), JSON.stringify(measured)).toEqual([]);
});

test('a ratio that is more than a fifth worse than recorded is told, with both', () => {
  expect(regressions({ kit: 0.361 }, { kit: 0.3 })).toEqual([
    'kit costs 0.361 of stock, 20 % more than the recorded 0.300',
  ]);
  expect(regressions({ kit: 0.359 }, { kit: 0.3 })).toEqual([]);
  expect(regressions({ kit: 0.1, floor: 9 }, { kit: 0.3 })).toEqual([]);
});

test('a ratio that could not be measured is none that is good', () => {
  expect(regressions({ kit: Number.NaN }, { kit: 0.3 })).toHaveLength(1);
  expect(regressions({}, { kit: 0.3 })).toHaveLength(1);
});

test('a Node that is not recorded is compared with the newest before it', () => {
  const recorded = { 20: { kit: 0.3 }, 24: { kit: 0.2 } };
  expect([20, 23, 24, 27].map((major) => recordedFor(major, recorded)?.['kit'])).toEqual([
    0.3, 0.3, 0.2, 0.2,
  ]);
  expect(recordedFor(18, recorded)).toBeUndefined();
});
