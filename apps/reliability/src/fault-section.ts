import { availableParallelism, cpus, loadavg } from 'node:os';

import { type PerService, SERVICES } from './chain.ts';
import type { LoadSummary } from './load.ts';
import type { FaultResult, ServiceResult } from './run-fault.ts';
import { shortcomings } from './shortcomings.ts';
import type { Size } from './size.ts';
import { lineCell, table } from './table.ts';

/** A fault, and the same load on services without exporter right before it. */
export interface FaultRow {
  readonly result: FaultResult;
  readonly plain: LoadSummary;
}

/** The generated part of the document about faults. */
export function faultSection({ requestsASecond }: Size, rows: readonly FaultRow[]): string {
  return [
    `Node ${process.versions.node}, ${availableParallelism()} processors (${cpus()[0]?.model ?? 'unknown'}), ${requestsASecond} orders a second; the load average of the last five minutes of it was ${loadavg()[1]?.toFixed(1)}.`,
    '### What the application notices',
    'Latencies in milliseconds while the fault lasts; "without" is the same load on the same services without exporter, right before.',
    applicationTable(rows),
    '### What becomes of the spans',
    'Sums of the three services. Heap is that of the service where it grew most, in MB: at the end of the fault, and after all is delivered.',
    spanTable(rows),
    '### What is said',
    'Lines on stderr of dispatcher, commander and inventory, and the first of them.',
    saidTable(rows),
    '### What is not as promised',
    shortcomingList(rows),
  ].join('\n\n');
}

function applicationTable(rows: readonly FaultRow[]): string {
  return table(
    [
      ['the collector', 'left'],
      ['requests', 'right'],
      ['failed', 'right'],
      ['p50', 'right'],
      ['without', 'right'],
      ['p99', 'right'],
      ['without', 'right'],
      ['again', 'left'],
    ],
    rows.map(({ result: { fault, during, all }, plain }) => [
      fault.title,
      String(all.requests),
      String(all.failures.length),
      millis(during.p50),
      millis(plain.p50),
      millis(during.p99),
      millis(plain.p99),
      `\`pnpm reliability --only ${fault.name}\``,
    ]),
  );
}

function spanTable(rows: readonly FaultRow[]): string {
  return table(
    [
      ['the collector', 'left'],
      ['queue', 'right'],
      ['ended', 'right'],
      ['delivered', 'right'],
      ['dropped', 'right'],
      ['waiting', 'right'],
      ['exports in the fault', 'right'],
      ['most waiting in one', 'right'],
      ['heap', 'right'],
      ['all sent after', 'right'],
    ],
    rows.map(({ result: { fault, queue, services, attempts, drainMillis } }) => {
      const sum = (of: (service: ServiceResult) => number): string =>
        String(SERVICES.reduce((total, name) => total + of(services[name]), 0));
      return [
        fault.title,
        String(queue.size),
        sum(({ ended }) => ended),
        sum(({ delivered }) => delivered),
        sum(({ dropped }) => dropped),
        sum(({ waiting }) => waiting),
        fault.endpoint === 'nowhere' ? '' : String(attempts),
        String(most(services, ({ waitingAtWorst }) => waitingAtWorst)),
        `${megabytes(most(services, ({ heapAtWorst }) => heapAtWorst))}, ${megabytes(most(services, ({ heapAtLast }) => heapAtLast))}`,
        drainMillis === undefined ? '' : `${(drainMillis / 1000).toFixed(1)} s`,
      ];
    }),
  );
}

function saidTable(rows: readonly FaultRow[]): string {
  return table(
    [
      ['the collector', 'left'],
      ['lines', 'left'],
      ['the first', 'left'],
    ],
    rows.map(({ result: { fault, services } }) => [
      fault.title,
      SERVICES.map((name) => services[name].lines.length).join(', '),
      SERVICES.flatMap((name) => services[name].lines)
        .slice(0, 1)
        .map(lineCell)
        .join(''),
    ]),
  );
}

function shortcomingList(rows: readonly FaultRow[]): string {
  const list = rows.flatMap(({ result }) =>
    shortcomings(result).map((what) => `- ${result.fault.title}: ${what}.`),
  );
  return list.length === 0 ? 'Nothing: every row above is as it was promised.' : list.join('\n');
}

function most(services: PerService<ServiceResult>, of: (service: ServiceResult) => number): number {
  return Math.max(...SERVICES.map((name) => of(services[name])));
}

function millis(value: number): string {
  return value.toFixed(1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
