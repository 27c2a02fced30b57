import type { ServerResponse } from 'node:http';

import type { LiveEvent } from './api.ts';
import { RequestProblem } from './request-problem.ts';
import type { TraceStore } from './trace-store.ts';

/** At most four events a second. */
const PAUSE_MS = 250;
const HEARTBEAT_MS = 15_000;
const CLIENTS = 64;
/** Summaries in one event; what is beyond them comes in the next, as it is then. */
const TRACES_PER_EVENT = 500;
/** Ids of traces gone that a client may lag behind; it is cut then, and asks for the list when it comes again. */
const LAG = 50_000;

/** Of the answer that the events are. */
export const EVENT_HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };

/** A page that listens. It is told what has changed since its last event, in the form of the moment when it can take it. */
interface Client {
  readonly response: ServerResponse;
  readonly changed: Set<string>;
  readonly gone: Set<string>;
}

export interface LiveEvents {
  /** Answers with server-sent events until either side ends them. @throws RequestProblem (503) past 64 clients. */
  connect(response: ServerResponse): void;
  readonly clients: number;
  close(): void;
}

/** Tells pages what changes in the store, a slow one less often. */
export function liveEvents(store: TraceStore): LiveEvents {
  const clients = new Set<Client>();
  let timer: NodeJS.Timeout | undefined;
  let lastFlush = -Infinity;

  const stopListening = store.listen({
    changed: ({ traceId }) => {
      for (const { changed, gone } of clients) {
        gone.delete(traceId);
        // At the end again, where the newest are taken from.
        changed.delete(traceId);
        changed.add(traceId);
      }
      flushSoon();
    },
    gone: (traceId) => {
      for (const { changed, gone } of clients) {
        changed.delete(traceId);
        gone.add(traceId);
      }
      flushSoon();
    },
  });
  const heartbeat = setInterval(() => {
    for (const client of clients) write(client, ': still here\n\n');
  }, HEARTBEAT_MS).unref();

  function flushSoon(): void {
    if (clients.size === 0 || timer) return;
    timer = setTimeout(flush, Math.max(0, lastFlush + PAUSE_MS - performance.now())).unref();
  }

  function flush(): void {
    timer = undefined;
    lastFlush = performance.now();
    for (const client of clients) {
      if (client.gone.size > LAG) client.response.destroy();
      else if (!client.response.writableNeedDrain) tellNext(client);
    }
    // A slow client's `drain` comes back here.
    if ([...clients].some((client) => isBehind(client) && !client.response.writableNeedDrain)) flushSoon();
  }

  /** One event: four a second are meant to be no more. */
  function tellNext(client: Client): void {
    const { changed, gone } = client;
    if (gone.size > 0) {
      send(client, { type: 'gone', traceIds: [...gone], counts: store.counts() });
      gone.clear();
    } else if (changed.size > 0) {
      const traceIds = [...changed].slice(-TRACES_PER_EVENT);
      for (const traceId of traceIds) changed.delete(traceId);
      const traces = traceIds.map((traceId) => store.get(traceId)?.summary());
      send(client, {
        type: 'traces',
        traces: traces.filter((trace) => trace !== undefined),
        counts: store.counts(),
      });
    }
  }

  return {
    connect(response) {
      if (clients.size >= CLIENTS) {
        throw new RequestProblem(503, `${CLIENTS} pages listen already: close some`);
      }
      const client: Client = { response, changed: new Set(), gone: new Set() };
      clients.add(client);
      response.on('close', () => clients.delete(client));
      response.on('drain', () => isBehind(client) && flushSoon());
      // A client that has gone is told by `close`.
      response.on('error', () => undefined);
      response.writeHead(200, EVENT_HEADERS);
      send(client, { type: 'traces', traces: [], counts: store.counts() });
    },
    get clients() {
      return clients.size;
    },
    close() {
      stopListening();
      clearInterval(heartbeat);
      clearTimeout(timer);
      for (const { response } of clients) response.end();
    },
  };
}

function isBehind({ changed, gone }: Client): boolean {
  return changed.size > 0 || gone.size > 0;
}

function send(client: Client, event: LiveEvent): void {
  write(client, `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

function write({ response }: Client, text: string): void {
  if (response.writable && !response.writableNeedDrain) response.write(text);
}
