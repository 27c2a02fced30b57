import type { Columns } from './columns.ts';

/**
 * The time of each span, in microseconds, in which none of its children ran. Where children run at the same time it
 * counts once, and what a child does outside of its parent's time counts for nothing.
 */
export function selfTimes(columns: Columns): Float64Array {
  const { count, parent, startUs, endUs } = columns;
  const self = Float64Array.from(endUs, (end, index) => end - (startUs[index] as number));
  // Siblings stand by their start: what is covered so far ends here.
  const coveredTo = Float64Array.from(startUs);
  for (let index = 0; index < count; index += 1) {
    const above = parent[index] as number;
    if (above < 0) continue;
    const from = Math.max(startUs[index] as number, coveredTo[above] as number);
    const to = Math.min(endUs[index] as number, endUs[above] as number);
    if (to <= from) continue;
    self[above] = (self[above] as number) - (to - from);
    coveredTo[above] = to;
  }
  return self;
}

/** A service's part of something that is measured in time. */
export interface Share {
  readonly service: number;
  readonly us: number;
}

/** What `times` of all spans of a service come to, the greatest first; nothing of services without any. */
export function sharesOf(columns: Columns, times: Float64Array): Share[] {
  const sums = new Float64Array(columns.services.length);
  for (let index = 0; index < columns.count; index += 1) {
    const service = columns.service[index] as number;
    sums[service] = (sums[service] ?? 0) + (times[index] as number);
  }
  return [...sums]
    .map((us, service) => ({ service, us }))
    .filter(({ us }) => us > 0)
    .toSorted((a, b) => b.us - a.us);
}
