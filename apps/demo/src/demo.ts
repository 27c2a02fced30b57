import { once } from 'node:events';

import type { SpanRecord } from '@org/tracing-core';
import { startOtlpReceiver } from '@org/tracing-testing';

import type { DemoArguments } from './arguments.ts';
import { drawTrace } from './draw-trace.ts';
import { sayHowToOrder, sendOrder } from './order.ts';
import { sayWhatJoins } from './request-id.ts';
import { endOfService, startSystem } from './system.ts';
import { traceReader } from './trace-reader.ts';

/** Time limit for each of the first traces, whose spans the services send after a tenth of a second. */
const FIRST_TRACE_MILLIS = 30_000;

const WHAT_NEXT = `What next:
  npm run demo -- --view    see the same on a page in the browser, with the log lines of each span
  npm run demo -- --keep    leave the services up, send requests of your own, see their traces
  npm run registry          have the packages for a service of your own: README.md, "Until it is on npm"
  npm test                  check, build and test everything
  apps/dispatcher/src       read a traced service: two lines of tracing and one of logging
  apps/worker/src           read one that takes its work from a queue
  docs/architecture.md      read how it works`;

/**
 * Starts the system, sends one request, draws its trace and that of the order which it left in the queue; with
 * `keep` every further one too, until `signal`.
 *
 * @throws Error that says which part failed, with its output, and the reason of `signal` where that came before
 *   the services were to stay up. In either case nothing runs any more.
 */
export async function demo(
  { keep }: DemoArguments,
  screen: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => void screen.write(`${text}\n`);
  await using receiver = await startOtlpReceiver();
  const system = await startSystem(receiver, say, signal);
  const nextTrace = traceReader(receiver, system);
  const drawNext = async (timeoutMillis?: number): Promise<readonly SpanRecord[]> => {
    const trace = await nextTrace(timeoutMillis);
    say(`${drawTrace(trace, system, screen)}\n`);
    return trace;
  };
  const drawAll = async (): Promise<never> => {
    for (;;) await drawNext();
  };
  const interrupted = once(signal, 'abort');
  try {
    await sendOrder(system, say);
    const drawFirst = async (): Promise<void> => {
      const request = await drawNext(FIRST_TRACE_MILLIS);
      const order = await drawNext(FIRST_TRACE_MILLIS);
      say(`${sayWhatJoins([...request, ...order], system)}\n`);
    };
    await Promise.race([drawFirst(), interrupted]);
    signal.throwIfAborted();
    if (!keep) return say(WHAT_NEXT);

    sayHowToOrder(system, say);
    await Promise.race([interrupted, drawAll(), endOfService(system)]);
  } finally {
    await system.stop();
  }
}
