import { expect, test } from 'vitest';

import { type Fault, FAULTS } from '../src/faults.ts';
import type { FaultResult, ServiceResult } from '../src/run-fault.ts';
import { shortcomings } from '../src/shortcomings.ts';

const LINES = [
  '[tracing] warning: spans do not reach http://127.0.0.1:1/v1/traces: why. 5 wait (at most 10), 0 were dropped since it began',
  '[tracing] warning: spans reach http://127.0.0.1:1/v1/traces again, after 1 s. 0 wait (at most 10), 0 were dropped since it began',
];
const WELL: ServiceResult = {
  made: 20,
  ended: 20,
  dropped: 0,
  waiting: 0,
  delivered: 20,
  deliveredBefore: 2,
  waitingAtWorst: 15,
  heapAtWorst: 0,
  heapAtLast: 0,
  lines: LINES,
  hasSpoken: false,
};

function named(name: string): Fault {
  const fault = FAULTS.find((one) => one.name === name);
  if (fault === undefined) throw new Error(`no fault "${name}"`);
  return fault;
}

function result(
  fault: string,
  dispatcher: Partial<ServiceResult>,
  failures: readonly string[] = [],
): FaultResult {
  const load = { requests: 10, failures, p50: 1, p99: 2, max: 3 };
  return {
    fault: named(fault),
    queue: { size: 10, batch: 5 },
    during: load,
    all: load,
    services: { dispatcher: { ...WELL, ...dispatcher }, commander: WELL, inventory: WELL },
    attempts: 1,
    drainMillis: 1,
  };
}

test('a result as it was promised has none', () => {
  expect(shortcomings(result('refused', {}))).toEqual([]);
});

test('trouble within the minute after other trouble need not be told of', () => {
  expect(shortcomings(result('refused', { lines: [], hasSpoken: true }))).toEqual([]);
});

test.each<[string, FaultResult, RegExp]>([
  ['a request failed', result('refused', {}, ['status 500']), /^1 of 10 requests failed: status 500$/],
  [
    'a span is not reported',
    result('refused', { ended: 19, delivered: 19 }),
    /20 spans were made, 19 are reported/,
  ],
  [
    'a span is gone',
    result('refused', { delivered: 19 }),
    /19 delivered, 0 dropped and 0 waiting are not the 20/,
  ],
  ['a span is dropped', result('refused', { delivered: 19, dropped: 1 }), /1 spans were dropped/],
  [
    'the queue has no bound',
    result('refused', { waitingAtWorst: 16 }),
    /16 spans waited, where 10 may and 5/,
  ],
  [
    'the queue did not hold what it could',
    result('refused-small-queue', { delivered: 16, dropped: 4 }),
    /16 spans were delivered, where 17 were before it or in the queue/,
  ],
  ['nothing is counted', result('status-400', {}), /no span is counted as dropped/],
  ['something waits for ever', { ...result('refused', {}), drainMillis: undefined }, /still wait/],
  ['nothing is said', result('refused', { lines: [] }), /0 lines were written, where 2 are due/],
  ['too much is said', result('refused', { lines: [...LINES, ...LINES] }), /4 lines were written/],
  ['a false alarm', result('none', {}), /2 lines were written, where 0 are due/],
])('told is: %s', (_what, short, told) => {
  expect(shortcomings(short).join('\n')).toMatch(told);
});
