import { expect, test } from 'vitest';

import { ExportTrouble } from '../src/sdk/export-trouble.ts';
import { collectWarnings } from './support/started.ts';

const REFUSED = { cause: 'connect ECONNREFUSED', hint: 'Is the collector running?' };

test('trouble that lasts is said once a minute, with what was dropped since it began', () => {
  const warnings = collectWarnings();
  let now = 0;
  const trouble = new ExportTrouble('http://collector', 9, () => now);
  // Every five seconds an attempt fails, and one more span is dropped.
  for (; now <= 125_000; now += 5000) {
    trouble.lasts(REFUSED, { waiting: 9, dropped: 100 + now / 5000 }, now === 0 ? 3 : 0);
  }
  trouble.ends({ waiting: 4, dropped: 130 });
  expect(warnings).toEqual([
    'spans do not reach http://collector: connect ECONNREFUSED. Is the collector running? ' +
      '9 wait (at most 9), 3 were dropped since it began',
    'spans still do not reach http://collector, for 60 s: connect ECONNREFUSED. Is the collector running? ' +
      '9 wait (at most 9), 15 were dropped since it began',
    'spans still do not reach http://collector, for 120 s: connect ECONNREFUSED. Is the collector running? ' +
      '9 wait (at most 9), 27 were dropped since it began',
    'spans reach http://collector again, after 130 s. 4 wait (at most 9), 33 were dropped since it began',
  ]);
});

test('trouble that comes and goes each second is said once a minute', () => {
  const warnings = collectWarnings();
  let now = 0;
  const trouble = new ExportTrouble('http://collector', 9, () => now);
  for (; now < 120_000; now += 1000) {
    if (now % 2000 === 0) trouble.lasts(REFUSED, { waiting: 1, dropped: 0 }, 0);
    else trouble.ends({ waiting: 0, dropped: 0 });
  }
  expect(warnings.map((line) => line.split(' http')[0])).toEqual([
    'spans do not reach',
    'spans reach',
    'spans do not reach',
    'spans reach',
  ]);
});
