import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { checkOptions } from './check-options.ts';
import { listen } from './listen.ts';
import { liveEvents } from './live-events.ts';
import { readLogLine } from './read-log-line.ts';
import { TraceStore } from './trace-store.ts';
import type { Viewer, ViewerOptions } from './viewer-options.ts';
import { viewerServer } from './viewer-server.ts';

/** A running viewer with its store, for the command line. */
export interface OpenViewer extends Viewer {
  readonly store: TraceStore;
}

const PORT = 4318;
const HOST = '127.0.0.1';
/** From the folder of the sources as well as from the built file beside it. */
const PAGE = fileURLToPath(new URL('../dist/page/', import.meta.url));

export async function openViewer(
  options: ViewerOptions = {},
  pageFolder: string = PAGE,
): Promise<OpenViewer> {
  checkOptions(options);
  const { host = HOST, port = PORT, allowHosts = [], maxTraces, maxSpans, maxBytes } = options;
  const store = new TraceStore({
    ...(maxTraces !== undefined && { traces: maxTraces }),
    ...(maxSpans !== undefined && { spans: maxSpans }),
    ...(maxBytes !== undefined && { bytes: maxBytes }),
  });
  const live = liveEvents(store);
  const server = viewerServer({ store, live, host, allowHosts, pageFolder });
  let url: string;
  try {
    url = await listen(server, host, port);
  } catch (error) {
    live.close();
    throw error;
  }

  async function close(): Promise<void> {
    live.close();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    url,
    store,
    takeLogLine(line) {
      const log = readLogLine(line, Date.now());
      if (log) store.addLogs([log]);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
