import type { CollectorCounts } from './behaviour.ts';
import {
  type Chain,
  type PerService,
  perService,
  type ServiceName,
  SERVICES,
  SPANS_A_REQUEST,
} from './chain.ts';
import type { Fault, Queue } from './faults.ts';
import type { Setting } from './lab.ts';
import { type LoadSummary, type Sample, sendOrders, summarise } from './load.ts';
import type { Reading } from './reading.ts';
import type { Size } from './size.ts';

/** What became of the spans of one service. */
export interface ServiceResult {
  /** Spans of the requests, by the number of these. */
  readonly made: number;
  /** As the service reports. */
  readonly ended: number;
  readonly dropped: number;
  readonly waiting: number;
  /** As the collector counts: distinct ids that it took. */
  readonly delivered: number;
  /** Of these, before the fault. */
  readonly deliveredBefore: number;
  /** As the service reports when the fault ends. */
  readonly waitingAtWorst: number;
  /** Bytes of heap in use, less those before the fault: when the fault ends, and at last. */
  readonly heapAtWorst: number;
  readonly heapAtLast: number;
  /** What the kit said since the fault began. */
  readonly lines: readonly string[];
  /** Whether it had said anything before: it warns once a minute at most. */
  readonly hasSpoken: boolean;
}

/** What one fault did. */
export interface FaultResult {
  readonly fault: Fault;
  readonly queue: Queue;
  /** The requests while it lasted. */
  readonly during: LoadSummary;
  /** All requests: those before and after it too. */
  readonly all: LoadSummary;
  readonly services: PerService<ServiceResult>;
  /** Requests that the collector saw while the fault lasted. */
  readonly attempts: number;
  /** Milliseconds from the end of the fault until nothing waited any more; undefined where it never came so far. */
  readonly drainMillis: number | undefined;
}

/** Runs one fault under load: well, failing, well again; then waits until nothing waits any more. */
export async function runFault(
  fault: Fault,
  { chain, collector, queue }: Setting,
  size: Size,
): Promise<FaultResult> {
  const limit = fault.endpoint === 'nowhere' ? 0 : size.drainLimitMillis;
  const allIdle = (readings: PerService<Reading>): boolean => SERVICES.every((name) => idle(readings[name]));
  // The spans of the start are gone then.
  await chain.readUntil(allIdle, limit);
  const first = await look();
  const linesBefore = chain.lines();
  const send = (count: number): Promise<readonly Sample[]> =>
    sendOrders(chain.url, size.requestsASecond, count);
  const warmUp = await send(size.warmUpRequests);
  const before = await look();
  await collector.behave(fault.behaviour);
  const during = await send(size.faultRequests * (fault.length ?? 1));
  const worst = await look();
  const recovered = performance.now();
  await collector.behave({ does: 'accept' });
  const all = [...warmUp, ...during, ...(await send(size.recoveryRequests))];
  const drained = allIdle(await chain.readUntil(allIdle, limit));
  const drainMillis = performance.now() - recovered;
  const last = await look();
  const lines = chain.lines();

  async function look(): Promise<{ readings: PerService<Reading>; counts: CollectorCounts }> {
    const readings = await chain.read();
    return { readings, counts: await collector.counts() };
  }

  function resultOf(name: ServiceName): ServiceResult {
    const start = sums(first.readings[name]);
    const end = sums(last.readings[name]);
    const accepted = (at: { counts: CollectorCounts }): number => at.counts.services[name]?.accepted ?? 0;
    const { heapUsed } = before.readings[name];
    return {
      made: all.length * SPANS_A_REQUEST,
      ended: end.ended - start.ended,
      dropped: end.dropped - start.dropped,
      waiting: end.waiting - start.waiting,
      delivered: accepted(last) - accepted(first),
      deliveredBefore: accepted(before) - accepted(first),
      waitingAtWorst: sums(worst.readings[name]).waiting,
      heapAtWorst: worst.readings[name].heapUsed - heapUsed,
      heapAtLast: last.readings[name].heapUsed - heapUsed,
      lines: lines[name].slice(linesBefore[name].length),
      hasSpoken: linesBefore[name].length > 0,
    };
  }

  return {
    fault,
    queue,
    during: summarise(during),
    all: summarise(all),
    services: await perService(async (name) => resultOf(name)),
    attempts: worst.counts.requests - before.counts.requests,
    drainMillis: drained ? drainMillis : undefined,
  };
}

/** The same load on services that export nothing. */
export async function runPlain(chain: Chain, size: Size): Promise<LoadSummary> {
  await sendOrders(chain.url, size.requestsASecond, size.warmUpRequests);
  await chain.read();
  return summarise(await sendOrders(chain.url, size.requestsASecond, size.faultRequests));
}

function idle(reading: Reading): boolean {
  return sums(reading).waiting === 0;
}

function sums({ report: { ended, exports } }: Reading): { ended: number; dropped: number; waiting: number } {
  return {
    ended,
    dropped: exports.reduce((sum, { dropped }) => sum + dropped, 0),
    waiting: exports.reduce((sum, { waiting }) => sum + waiting, 0),
  };
}
