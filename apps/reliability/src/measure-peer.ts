import { setTimeout } from 'node:timers/promises';

import type { CollectorCounts } from './behaviour.ts';
import { SERVICES, SPANS_A_REQUEST } from './chain.ts';
import type { Collector } from './collector.ts';
import { type Fault, FAULTS } from './faults.ts';
import { startSetting } from './lab.ts';
import { sendOrders } from './load.ts';
import type { Size } from './size.ts';

const PEER = new URL('../dist/peer.js', import.meta.url).href;

/** Of the faults those in which nothing needs to be lost. */
const NAMES = ['none', 'refused', 'flapping', 'no-answer', 'status-503'];

/** Longer than upstream waits for its next batch, or for one attempt. */
const QUIET_MILLIS = 15_000;

/** What upstream's processor and exporter made of a fault. */
export interface PeerRow {
  readonly fault: Fault;
  /** Spans of the requests, by the number of these. */
  readonly made: number;
  readonly delivered: number;
}

/** Measures the same services and the same load with upstream's batch processor and exporter. */
export async function measurePeer(
  databaseUrl: string,
  size: Size,
  say: (line: string) => void,
): Promise<readonly PeerRow[]> {
  const rows: PeerRow[] = [];
  for (const fault of FAULTS.filter(({ name }) => NAMES.includes(name))) {
    const row = await measure(databaseUrl, fault, size);
    rows.push(row);
    say(`upstream, ${fault.name}: ${row.delivered} of ${row.made} delivered`);
  }
  return rows;
}

async function measure(databaseUrl: string, fault: Fault, size: Size): Promise<PeerRow> {
  await using setting = await startSetting(databaseUrl, fault.endpoint, { preload: [PEER] });
  const { chain, collector } = setting;
  const first = await quiet(collector);
  const send = async (count: number): Promise<number> =>
    (await sendOrders(chain.url, size.requestsASecond, count)).length;
  let orders = await send(size.warmUpRequests);
  await collector.behave(fault.behaviour);
  orders += await send(size.faultRequests);
  await collector.behave({ does: 'accept' });
  orders += await send(size.recoveryRequests);
  const last = await quiet(collector);
  return {
    fault,
    made: orders * SPANS_A_REQUEST * SERVICES.length,
    delivered: acceptedOf(last) - acceptedOf(first),
  };
}

/** Waits until nothing more comes, since upstream does not tell what waits. */
async function quiet(collector: Collector): Promise<CollectorCounts> {
  let before = await collector.counts();
  for (;;) {
    await setTimeout(QUIET_MILLIS);
    const counts = await collector.counts();
    if (counts.requests === before.requests) return counts;
    before = counts;
  }
}

function acceptedOf({ services }: CollectorCounts): number {
  return SERVICES.reduce((sum, name) => sum + (services[name]?.accepted ?? 0), 0);
}
