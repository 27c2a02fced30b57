// A process that writes log lines inside an active span: `log-program.js LOGGER MODULES`. Its parent asks over IPC.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type * as api from '@opentelemetry/api';

import { LOGGERS } from './loggers.ts';

/** What the parent asks for. */
export interface LogOrder {
  readonly lines: number;
}

/** CPU time of the whole process. */
export interface LogCost {
  readonly micros: number;
}

/** Lines that a request writes: after so many the event loop turns. */
const A_TURN = 10;

const [, , name = '', modules = ''] = process.argv;
const write = LOGGERS[name]?.(modules);
if (write === undefined) throw new Error(`no logger "${name}"`);

// The kit's own copy of the API, or the peers': both find the tracer that has been registered.
const { trace } = createRequire(join(modules, 'package.json'))('@opentelemetry/api') as typeof api;

async function writeLines(count: number): Promise<void> {
  for (let written = 0; written < count; written += A_TURN) {
    for (let line = 0; line < A_TURN; line++) write?.();
    await setImmediate();
  }
}

async function answer({ lines }: LogOrder): Promise<LogCost> {
  return trace.getTracer('bench').startActiveSpan('request', async (span) => {
    const before = process.cpuUsage();
    await writeLines(lines);
    const { user, system } = process.cpuUsage(before);
    span.end();
    return { micros: user + system };
  });
}

process.on('message', (order: LogOrder) => {
  answer(order).then(
    (cost) => process.send?.(cost),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
