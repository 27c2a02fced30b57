import { expect, test } from 'vitest';

import { endsOf, PLACES } from '../src/program-ends.ts';
import { runProgram } from '../src/run-program.ts';

// Thirty processes and threads start.
test(
  'without tracing a program ends as Node ends it, in every place and way of the table',
  { timeout: 120_000 },
  async () => {
    const exits: Record<string, Record<string, string>> = {};
    for (const place of PLACES) {
      const ends: Record<string, string> = {};
      for (const end of endsOf(place)) ends[end] = (await runProgram(place, end, { TRACING: 'off' })).exit;
      exits[place] = ends;
    }
    const process = {
      sigterm: 'SIGTERM',
      sigint: 'SIGINT',
      'handler-closes': '0',
      'handler-exits': '0',
      'handler-awaits': '0',
      idle: '0',
      exit: '3',
      throw: '1',
    };
    expect(exits).toEqual({
      process,
      'cluster worker': process,
      'worker thread': { sigterm: 'SIGTERM', idle: '0', exit: '3', throw: '1', terminate: '1' },
    });
  },
);
