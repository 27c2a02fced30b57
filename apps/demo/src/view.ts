import { once } from 'node:events';

import { startViewer } from '@org/tracing-viewer';

import type { DemoArguments } from './arguments.ts';
import { openBrowser } from './open-browser.ts';
import { sayHowToOrder, sendOrder } from './order.ts';
import { endOfService, startSystem, type System } from './system.ts';
import { traceIsShown } from './trace-is-shown.ts';

/**
 * Starts the viewer, and the system that sends its spans and log lines there; sends one request, says where its trace
 * is, opens that page where there is a desktop, and stays until `signal`.
 *
 * @throws Error that says which part failed, as a port that is in use, and the reason of `signal` where that came
 *   before the trace was there. In either case nothing runs any more.
 */
export async function view(
  { port }: DemoArguments,
  screen: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => void screen.write(`${text}\n`);
  await using viewer = await startViewer({ port });
  say(`The viewer is listening on ${viewer.url}`);
  const system = await startSystem({ url: viewer.url, takeLine: viewer.takeLogLine }, say, signal);
  const interrupted = once(signal, 'abort');
  try {
    const traceId = await traceIdOf(await sendOrder(system, say), system);
    await Promise.race([traceIsShown(viewer.url, traceId), interrupted]);
    signal.throwIfAborted();
    const page = `${viewer.url}/trace/${traceId}`;
    say(`Its trace, with the log lines of each span and a link to that of the order:\n\n  ${page}\n`);
    sayHowToOrder(system, say);
    openBrowser(page, screen);
    await Promise.race([interrupted, endOfService(system)]);
  } finally {
    await system.stop();
  }
}

/** The trace of a request, which the dispatcher's log lines name beside the request's id. */
async function traceIdOf(requestId: string, { services }: System): Promise<string> {
  const line = await services.dispatcher.waitForLog(({ request_id }) => request_id === requestId);
  return String(line['trace_id']);
}
