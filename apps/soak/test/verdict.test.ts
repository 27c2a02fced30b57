import { expect, test } from 'vitest';

import { readArguments } from '../src/arguments.ts';
import type { Measurement } from '../src/measurement.ts';
import type { Soak } from '../src/soak.ts';
import { table } from '../src/table.ts';
import { boundsFor, judge, slopeOf } from '../src/verdict.ts';

const measured: Measurement = {
  heapUsed: 20_000_000,
  external: 4_000_000,
  rss: 100_000_000,
  resources: { timers: 0, TCPServerWrap: 1 },
  listeners: { process: 10 },
  requests: 0,
  excluded: 0,
  started: 0,
  ended: 0,
  serverSpans: 0,
};

/** A million requests without fault, but for what the last look, or each by its number from 1, finds. */
function soaked(last: Partial<Measurement>, each: (sent: number) => Partial<Measurement> = () => ({})): Soak {
  const checkpoints = Array.from({ length: 20 }, (_, index) => {
    const sent = (index + 1) * 50_000;
    const counts = { requests: sent, serverSpans: sent, started: sent, ended: sent };
    return { ...measured, ...counts, ...each(sent), ...(index === 19 && last), sent };
  });
  const counts = { requests: 1_000_000, aborts: 50_000, errors: 10_000, wrong: {} };
  return { plugin: 'koa', counts, seconds: 300, start: measured, checkpoints };
}

test('a million requests after which everything is as before pass', () => {
  const verdict = judge(soaked({}));
  expect(verdict).toMatchObject({ slope: 0, faults: [], started: 1_000_000, ended: 1_000_000 });
  expect(table([verdict])).toContain('| koa    | 1,000,000 | 50,000 | 10,000 | 300 | 24.00 → 24.00 |');
});

test('the smallest object, kept of each request, is a fault; what V8 learns in a short run is none', () => {
  const grown = judge(soaked({}, (sent) => ({ heapUsed: 20_000_000 + sent * 50 })));
  expect(grown.slope).toBeCloseTo(50);
  expect(grown.faults).toEqual([
    'the heap grows by 50.0 bytes a request, more than 6.0',
    'the heap has grown by 32500000 bytes, more than 3000000',
  ]);
  expect(boundsFor(1_000_000).slope).toBe(6);
  expect(boundsFor(10_000).slope).toBe(150);
});

test('buffers count with the heap', () => {
  expect(judge(soaked({}, (sent) => ({ external: sent * 100 }))).faults).toHaveLength(2);
});

test.each<[string, Partial<Measurement>, string[]]>([
  ['open spans', { ended: 999_990 }, ['10 spans are open after 1000000 requests, 10 at the end']],
  [
    'a request without its span',
    { serverSpans: 999_999 },
    ['1000000 requests to be traced have 999999 SERVER spans'],
  ],
  [
    'handles and timers',
    { resources: { timers: 3, TCPServerWrap: 1, TCPSocketWrap: 1 } },
    ['resources: timers 0 → 3', 'resources: TCPSocketWrap 0 → 1'],
  ],
  ['listeners', { listeners: { process: 12 } }, ['listeners: process 10 → 12']],
])('%s are a fault', (_what, last, faults) => {
  expect(judge(soaked(last)).faults).toEqual(faults);
});

test('an answer that should not have been is a fault', () => {
  const soak = soaked({});
  const counts = { ...soak.counts, wrong: { 500: 2 } };
  expect(judge({ ...soak, counts }).faults).toEqual([
    '2 requests were answered 500, which they should not have been',
  ]);
});

test('the slope is that of the line by least squares', () => {
  expect(
    slopeOf([
      [0, 1],
      [1, 3],
      [2, 2],
      [3, 4],
    ]),
  ).toBeCloseTo(0.8);
});

test('the command line has a default for everything', () => {
  expect(readArguments([])).toEqual({
    requests: 1_000_000,
    plugins: ['fastify', 'koa', 'express', 'pg'],
    layers: false,
    leak: undefined,
    json: undefined,
  });
  expect(readArguments(['--', '--only', 'pg', '--requests', '2000', '--json', 'a.json', '--layers'])).toEqual(
    { requests: 2000, plugins: ['pg'], layers: true, leak: undefined, json: 'a.json' },
  );
});

test.each([
  [['--requests', '1e9.5'], '--requests must be a whole number from 1000; got "1e9.5"'],
  [['--only', 'hapi'], '--only must be one of fastify, koa, express, pg; got "hapi"'],
  [['--json'], '--json must be a file; got ""'],
  [['--fast'], 'unknown argument "--fast"'],
])('the command line %j is refused: %s', (given, message) => {
  expect(() => readArguments(given)).toThrow(new RegExp(`^${message}`));
});
