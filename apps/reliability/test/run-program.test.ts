import { expect, test, vi } from 'vitest';

import { endsOf, PLACES } from '../src/program-ends.ts';
import { runProgram } from '../src/run-program.ts';

// Thirty processes and threads start.
vi.setConfig({ testTimeout: 120_000 });

const OF_A_PROCESS = {
  sigterm: 'SIGTERM',
  sigint: 'SIGINT',
  'handler-closes': '0',
  'handler-exits': '0',
  'handler-awaits': '0',
  idle: '0',
  exit: '3',
  'exit-flushed': '3',
  throw: '1',
  'throw-flushed': '1',
};
const OF_A_THREAD = {
  sigterm: 'SIGTERM',
  'sigterm-alone': 'SIGTERM',
  idle: '0',
  exit: '3',
  'exit-flushed': '3',
  throw: '1',
  'throw-flushed': '1',
  terminate: '1',
};

test('without tracing a program ends as Node ends it, in every place and way of the table', async () => {
  const exits: Record<string, Record<string, string>> = {};
  for (const place of PLACES) {
    const ends: Record<string, string> = {};
    for (const end of endsOf(place)) ends[end] = (await runProgram(place, end, { TRACING: 'off' })).exit;
    exits[place] = ends;
  }
  expect(exits).toEqual({
    process: OF_A_PROCESS,
    'cluster worker': OF_A_PROCESS,
    'worker thread': OF_A_THREAD,
  });
});
