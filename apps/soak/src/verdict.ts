import { differences } from './measurement.ts';
import type { Checkpoint, Soak } from './soak.ts';

/** What a process may grow by at most. */
export interface Bounds {
  /** Of the line through the heap at the checkpoints, in bytes for each request. */
  readonly slope: number;
  /** Bytes by which the median of the last third may be above that of the first. */
  readonly growth: number;
}

/**
 * Bytes by which a heap that has no leak grows in a short run: V8 compiles what it meets often, and keeps what it learns.
 * Seen were up to 1.2 MB in the first 60 000 requests, and nothing to speak of afterwards.
 */
const LEARNING = 1_500_000;

/**
 * Bytes a request. A small object that is kept of each request takes 50 to 100, and what is left of one in twenty,
 * of those that are aborted say, has a request or a span in it, which are thousands: 100 or more as well.
 */
const SLOPE = 6;

/** By the number of requests: in a short run noise is more for each of them. */
export function boundsFor(requests: number): Bounds {
  return {
    slope: Math.max(SLOPE, LEARNING / requests),
    growth: Math.max(LEARNING, (SLOPE * requests) / 2),
  };
}

/** What came of a soak, as it is printed and written. */
export interface Verdict {
  readonly plugin: string;
  readonly requests: number;
  readonly aborts: number;
  readonly errors: number;
  readonly seconds: number;
  /** Bytes of the heap and of the buffers that it holds, after a collection of garbage, at the first and last checkpoint. */
  readonly heapFirst: number;
  readonly heapLast: number;
  /** Medians of the first and of the last third of the checkpoints. */
  readonly heapEarly: number;
  readonly heapLate: number;
  /** Bytes for each request. */
  readonly slope: number;
  readonly bounds: Bounds;
  readonly started: number;
  readonly ended: number;
  readonly resourcesBefore: Readonly<Record<string, number>>;
  readonly resourcesAfter: Readonly<Record<string, number>>;
  /** What is wrong; nothing where the soak has passed. */
  readonly faults: readonly string[];
}

/** Judges a soak by what a service that runs for weeks must keep to. */
export function judge({ plugin, counts, seconds, start, checkpoints }: Soak): Verdict {
  const [first] = checkpoints;
  const last = checkpoints.at(-1);
  if (first === undefined || last === undefined) throw new TypeError('a soak has a checkpoint at least');
  const bounds = boundsFor(counts.requests);
  const slope = slopeOf(checkpoints.map((each) => [each.sent, sizeOf(each)]));
  const third = Math.ceil(checkpoints.length / 3);
  const heapEarly = median(checkpoints.slice(0, third));
  const heapLate = median(checkpoints.slice(-third));

  const faults: string[] = [];
  if (slope > bounds.slope) {
    faults.push(
      `the heap grows by ${slope.toFixed(1)} bytes a request, more than ${bounds.slope.toFixed(1)}`,
    );
  }
  if (heapLate - heapEarly > bounds.growth) {
    faults.push(
      `the heap has grown by ${heapLate - heapEarly} bytes, more than ${Math.round(bounds.growth)}`,
    );
  }
  const open = checkpoints.find(({ started, ended }) => started !== ended);
  if (open) {
    faults.push(
      `${open.started - open.ended} spans are open after ${open.sent} requests, ` +
        `${last.started - last.ended} at the end`,
    );
  }
  const wanted = last.requests - last.excluded;
  if (last.serverSpans !== wanted) {
    faults.push(`${wanted} requests to be traced have ${last.serverSpans} SERVER spans`);
  }
  for (const each of differences(start.resources, last.resources)) faults.push(`resources: ${each}`);
  for (const each of differences(start.listeners, last.listeners)) faults.push(`listeners: ${each}`);
  for (const [status, count] of Object.entries(counts.wrong)) {
    faults.push(`${count} requests were answered ${status}, which they should not have been`);
  }

  return {
    plugin,
    requests: counts.requests,
    aborts: counts.aborts,
    errors: counts.errors,
    seconds,
    heapFirst: sizeOf(first),
    heapLast: sizeOf(last),
    heapEarly,
    heapLate,
    slope,
    bounds,
    started: last.started,
    ended: last.ended,
    resourcesBefore: start.resources,
    resourcesAfter: last.resources,
    faults,
  };
}

function sizeOf({ heapUsed, external }: Checkpoint): number {
  return heapUsed + external;
}

/** Of the line that lies nearest to the points, by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (spread === 0) return 0;
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

function median(checkpoints: readonly Checkpoint[]): number {
  const heaps = checkpoints.map(sizeOf).toSorted((one, other) => one - other);
  const middle = heaps.length >> 1;
  const [upper = 0, lower = upper] = [heaps[middle], heaps[middle - 1]];
  return heaps.length % 2 === 1 ? upper : (upper + lower) / 2;
}
