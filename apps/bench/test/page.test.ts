import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { overheadChart } from '../src/chart.ts';
import { replaceSection, SECTIONS } from '../src/document.ts';
import { resultTable } from '../src/result-table.ts';
import type { StoredResult } from '../src/results.ts';
import type { ScenarioResult } from '../src/scenario.ts';
import { targetSection } from '../src/targets.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/performance.md', import.meta.url), 'utf8');

const RESULT: ScenarioResult = {
  name: 'fastify-get',
  title: 'Fastify, GET',
  text: 'Some requests.',
  unit: 'µs',
  beyondUntraced: true,
  measurements: [
    { setup: 'untraced', values: [20, 22, 18], spansPerRequest: 0 },
    { setup: 'floor', values: [24, 25, 26], spansPerRequest: 0 },
    { setup: 'kit', values: [32, 30, 34], spansPerRequest: 1 },
    { setup: 'stock', values: [80, 70, 90], spansPerRequest: 3 },
    { setup: 'sentry', values: [620, 620, 620], spansPerRequest: 2.5, note: 'loses spans' },
  ],
};

const STORED: StoredResult = {
  node: '20.20.2',
  machine: { platform: 'linux x64', cpu: 'one', cores: 2 },
  day: '2026-11-25',
  versions: {},
  result: RESULT,
};

test.each(SECTIONS)('the page has a place for the section "%s", and all around it stays', (section) => {
  const written = replaceSection(DOCUMENT, section, 'measured');
  const [before = '', after = ''] = written.split('\n\nmeasured\n\n');
  expect(DOCUMENT.startsWith(before)).toBe(true);
  expect(DOCUMENT.endsWith(after)).toBe(true);
});

test('a table shows what is beyond the untraced application, its spread and its part of stock', () => {
  expect(resultTable(RESULT).split('\n')).toEqual([
    '| set-up   | beyond untraced, µs | lowest to highest | in all, µs | to stock | spans | note        |',
    '| -------- | ------------------: | ----------------: | ---------: | -------: | ----: | ----------- |',
    '| untraced |                     |      18.0 to 22.0 |       20.0 |          |     0 |             |',
    '| floor    |                5.00 |      4.00 to 6.00 |       25.0 |     0.08 |     0 |             |',
    '| kit      |                12.0 |      10.0 to 14.0 |       32.0 |     0.20 |     1 |             |',
    '| stock    |                60.0 |      50.0 to 70.0 |       80.0 |     1.00 |     3 |             |',
    '| sentry   |                 600 |        600 to 600 |        620 |    10.00 |  2.50 | loses spans |',
  ]);
});

test('what is compared with nothing is shown as it is', () => {
  const size: ScenarioResult = {
    ...RESULT,
    unit: 'packages',
    beyondUntraced: false,
    measurements: [
      { setup: 'kit', values: [30] },
      { setup: 'stock', values: [60] },
    ],
  };
  expect(resultTable(size).split('\n').slice(2)).toEqual([
    '| kit    |       30 |          30 to 30 |     0.50 |      |',
    '| stock  |       60 |          60 to 60 |     1.00 |      |',
  ]);
});

test('a target is beside its figure, its verdict and the peer that costs least', () => {
  expect(
    targetSection([STORED])
      .split('\n')[2]
      ?.split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  ).toEqual([
    'server span, Fastify',
    '20.20.2',
    'stock',
    '0.30',
    '0.15',
    '0.20',
    'met, short of the aim',
    'stock 1.00',
  ]);
});

test('the chart has a bar for each set-up, as long as its cost, and cuts one that goes far beyond', () => {
  const svg = overheadChart('CPU time', [RESULT]);
  const lengths = [...svg.matchAll(/<rect class="(\w+)".*? width="([\d.]+)"/g)].map(([, kind, width]) => [
    kind,
    Math.round(Number(width)),
  ]);
  expect(lengths).toEqual([
    ['floor', 19],
    ['kit', 46],
    ['bar', 232],
    ['bar', 580],
  ]);
  expect(svg.match(/class="cut"/g)).toHaveLength(1);
  expect(svg).toContain('prefers-color-scheme: dark');
});
