import type { Columns } from './columns.ts';

const PRODUCER = 3;
const CONSUMER = 4;
// Times are told in microseconds: less is rounding.
const ROUNDING_US = 1;
// A server is done when its answer is written, by when its caller may have read it.
const ANSWER_US = 10_000;

/** By how much spans lie outside of the time of their parent, which another service measured; microseconds. */
export interface ClockSkew {
  /** How long before its parent a span starts; 0 where it does not. */
  readonly beforeUs: Float64Array;
  /** How long after its parent a span ends; 0 where it does not, or where nothing waits for it. */
  readonly afterUs: Float64Array;
  /** How many spans have either. */
  readonly count: number;
  readonly mostUs: number;
}

/**
 * Spans that cannot have run as their times say, unless two clocks differ. Only a parent in another service is looked
 * at: within one, a child may outlive its parent. So may what a message started, and what answered early.
 */
export function clockSkew({ count: spans, parent, service, kind, startUs, endUs }: Columns): ClockSkew {
  const beforeUs = new Float64Array(spans);
  const afterUs = new Float64Array(spans);
  let count = 0;
  let mostUs = 0;
  for (let index = 0; index < spans; index += 1) {
    const above = parent[index] as number;
    if (above < 0 || service[above] === service[index]) continue;
    const before = (startUs[above] as number) - (startUs[index] as number);
    const after = (endUs[index] as number) - (endUs[above] as number);
    const message = kind[index] === CONSUMER || kind[above] === PRODUCER;
    if (before > ROUNDING_US) beforeUs[index] = before;
    if (after > ANSWER_US && !message) afterUs[index] = after;
    const most = Math.max(beforeUs[index] as number, afterUs[index] as number);
    if (most > 0) count += 1;
    mostUs = Math.max(mostUs, most);
  }
  return { beforeUs, afterUs, count, mostUs };
}
