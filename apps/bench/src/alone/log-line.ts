import { fileURLToPath } from 'node:url';

import { startChild } from '../child.ts';
import { installPeers, PEERS } from '../modules.ts';
import { inRounds } from '../rounds.ts';
import type { Scenario } from '../scenario.ts';
import type { LogCost, LogOrder } from './log-program.ts';
import { LOGGERS } from './loggers.ts';

const ENTRY = fileURLToPath(new URL('../../dist/alone/log-program.js', import.meta.url));

const NOTES: Readonly<Record<string, string>> = {
  'console.log of JSON': 'no ids',
  'loglevel, text': 'no ids, no JSON',
  'pino, instrumentation-pino': 'without the logs API',
  'winston, instrumentation-winston': 'without the logs API',
  pino: 'no ids',
  winston: 'no ids',
};

/** What a line costs that carries the ids of its span. */
export const logLineScenario: Scenario = {
  name: 'log-line',
  async run({ node, quick, say }) {
    installPeers(say);
    const [warmUp, lines] = quick ? [10_000, 20_000] : [50_000, 200_000];
    const choices = Object.keys(LOGGERS).map((name) => ({
      name,
      ...(NOTES[name] !== undefined && { note: NOTES[name] }),
    }));
    const measurements = await inRounds(choices, quick ? 3 : 5, async ({ name }) => {
      // Its stdout is /dev/null, which Node writes to as to a file: each line is a system call, for all.
      await using process = await startChild(ENTRY, { node, args: [name, PEERS] });
      await process.ask({ lines: warmUp } satisfies LogOrder);
      const { micros } = (await process.ask({ lines } satisfies LogOrder)) as LogCost;
      return micros / lines;
    });
    return {
      name: 'log-line',
      title: 'A log line',
      text: `CPU time of a line with a message and two fields, written inside a span to stdout, which is a file; ten lines in each turn of the event loop, ${lines} a round.`,
      unit: 'µs',
      beyondUntraced: false,
      measurements,
    };
  },
};
