// A service under load, of the plugin that PLUGIN names. By the environment too: SINK_URL; DATABASE_URL for `pg`;
// LAYERS=yes; REST_MILLIS; LEAK, a fault to be found. Its parent asks it, over IPC, to come to rest and to be measured.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

import { initTracing } from '@org/tracing-core';
import { tracePg } from '@org/tracing-pg';
import pg from 'pg';

import { applications } from './applications.ts';
import { leakOf } from './leaks.ts';
import { areEqual, type Measurement, type MeasureRequest } from './measurement.ts';
import { SpanCount } from './span-count.ts';
import { countTimers } from './timer-count.ts';
import { createWork } from './work.ts';

const { PLUGIN = '', SINK_URL = '', DATABASE_URL, LAYERS, LEAK, REST_MILLIS } = process.env;

/** Connections of the pool. Each is replaced after so many queries, which is a life to be followed too. */
const CLIENTS = 10;
const USES = 5000;

const waitingTimers = countTimers();
const spans = new SpanCount();
const tracing = initTracing({
  serviceName: 'soak',
  otlp: { endpoint: SINK_URL },
  spanProcessors: [spans],
});
const pool = DATABASE_URL === undefined ? undefined : createPool(DATABASE_URL);
const create = applications[PLUGIN === 'pg' ? 'express' : (PLUGIN as keyof typeof applications)];
const server = await create(createWork(pool), { requestId: true, layers: LAYERS === 'yes' });

const connections = new Set<Socket>();
server.on('connection', (socket: Socket) => {
  connections.add(socket);
  socket.on('close', () => connections.delete(socket));
});
let requests = 0;
let excluded = 0;
server.on('request', ({ url }: { url?: string }) => {
  requests += 1;
  if (url === '/health') excluded += 1;
});
const leak = leakOf(LEAK);
if (leak) server.on('request', leak);

server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('message', ({ start }: MeasureRequest) => {
  void comeToRest(start).then(() => process.send?.(measure()));
});
// The parent has gone.
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });

/** Until nothing is open that was not at the start, where no timer is; or until there has been time enough for it. */
async function comeToRest(start: Measurement | undefined): Promise<void> {
  const until = performance.now() + Number(REST_MILLIS);
  await tracing.forceFlush();
  while (performance.now() < until) {
    if (pool) await fill(pool);
    const isQuiet = connections.size === 0 && spans.started === spans.ended;
    const isLeft = start === undefined ? waitingTimers() > 0 : !areEqual(start.resources, resources());
    if (isQuiet && !isLeft) break;
    await pause(10);
  }
  await tracing.forceFlush();
  // What is to be finalised is let go by the first, what that held by the second.
  for (let round = 0; round < 2; round++) {
    await nextTurn();
    globalThis.gc?.();
  }
}

function measure(): Measurement {
  const { heapUsed, external, rss } = process.memoryUsage();
  const { started, ended, serverSpans } = spans;
  return {
    heapUsed,
    external,
    rss,
    resources: resources(),
    listeners: listeners(),
    requests,
    excluded,
    started,
    ended,
    serverSpans,
  };
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = { timers: waitingTimers() };
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function listeners(): Record<string, number> {
  const emitters = { process, server, ...(pool && { pool }) };
  return Object.fromEntries(
    Object.entries(emitters).map(([name, emitter]) => [
      name,
      emitter.eventNames().reduce((sum, event) => sum + emitter.listenerCount(event), 0),
    ]),
  );
}

function createPool(connectionString: string): pg.Pool {
  tracePg(pg);
  return new pg.Pool({ connectionString, max: CLIENTS, idleTimeoutMillis: 0, maxUses: USES });
}

/** Has the pool open all its connections, so that their number is the same each time. */
async function fill(filled: pg.Pool): Promise<void> {
  while (filled.idleCount < CLIENTS) {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => filled.connect()));
    for (const client of clients) client.release();
  }
}
