const TIMES = ['timestamp', 'time', '@timestamp', 'ts', '@t', 'asctime'];

/** Up to 10^11 it is seconds, and so on by three digits: each unit of the years from 1973 to 5138. */
const SECONDS_BELOW = 1e11;
const NANOSECONDS_BELOW = 1e20;

/**
 * Takes the time out of a line's fields: ISO 8601 in text, or a number since 1970 in seconds, milliseconds,
 * microseconds or nanoseconds.
 *
 * @param now Milliseconds, for a line without a time that can be read.
 * @returns Nanoseconds since the Unix epoch.
 */
export function lineTime(fields: Map<string, unknown>, now: number): bigint {
  for (const key of TIMES) {
    const nanos = unixNanos(fields.get(key));
    if (nanos === undefined) continue;
    fields.delete(key);
    return nanos;
  }
  return BigInt(Math.round(now)) * 1_000_000n;
}

function unixNanos(value: unknown): bigint | undefined {
  if (typeof value === 'string') {
    const millis = Date.parse(value);
    if (Number.isNaN(millis)) return undefined;
    // What is finer than `Date`: the digits of the fraction after the third.
    const finer = /\.\d{3}(\d{1,6})\d*(?:Z|[+-]\d\d:?\d\d)?$/.exec(value)?.[1] ?? '';
    return BigInt(millis) * 1_000_000n + BigInt(finer.padEnd(6, '0') || 0);
  }
  if (typeof value !== 'number' || !(value > 0 && value < NANOSECONDS_BELOW)) return undefined;
  let millis = value * 1000;
  for (let below = SECONDS_BELOW; value >= below; below *= 1000) millis /= 1000;
  // To the microsecond, which is what a number of milliseconds holds.
  return BigInt(Math.round(millis * 1000)) * 1000n;
}
