import { once } from 'node:events';

import type { SpanRecord } from '@org/tracing-core';

import type { DemoArguments } from './arguments.ts';
import { drawTrace } from './draw-trace.ts';
import { sayWhatJoins } from './request-id.ts';
import { startSystem, type System } from './system.ts';
import { traceReader } from './trace-reader.ts';

/** Time limit for each of the first traces, whose spans the services send after a tenth of a second. */
const FIRST_TRACE_MILLIS = 30_000;

const ORDER = JSON.stringify({ sku: 'anvil', quantity: 2 });

const WHAT_NEXT = `What next:
  npm run demo -- --keep    leave the services up, send requests of your own, see their traces
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
  const system = await startSystem(say, signal);
  const { url } = system.services.dispatcher;
  const nextTrace = traceReader(system);
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
    say(`\nPOST ${url}/dispatch ${ORDER}\n${await sendOrder(url)}\n`);
    const drawFirst = async (): Promise<void> => {
      const request = await drawNext(FIRST_TRACE_MILLIS);
      const order = await drawNext(FIRST_TRACE_MILLIS);
      say(`${sayWhatJoins([...request, ...order], system)}\n`);
    };
    await Promise.race([drawFirst(), interrupted]);
    signal.throwIfAborted();
    if (!keep) return say(WHAT_NEXT);

    say('The services stay up until Ctrl-C. Send a request, for the article "broken" too:\n');
    say(`  curl ${url}/dispatch -H 'content-type: application/json' -d '${ORDER}'\n`);
    await Promise.race([interrupted, drawAll(), endOfService(system)]);
  } finally {
    await system.stop();
  }
}

async function sendOrder(url: string): Promise<string> {
  // A Blob brings its own content type.
  const body = new Blob([ORDER], { type: 'application/json' });
  const response = await fetch(`${url}/dispatch`, { method: 'POST', body });
  const requestId = response.headers.get('x-request-id');
  return `${response.status} ${await response.text()}, x-request-id: ${requestId}`;
}

/** @throws Error when any of the services has ended, with its output. */
async function endOfService({ services }: System): Promise<never> {
  return Promise.race(
    Object.entries(services).map(async ([name, service]) => {
      const { code, signal } = await service.exited;
      throw new Error(`The ${name} ended (${code ?? signal}).\n${service.stderr}`);
    }),
  );
}
