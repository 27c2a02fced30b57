import type { HrTime, TimeInput } from '@opentelemetry/api';

import { wallTime } from '../wall-clock.ts';

const NANOS_PER_MILLI = 1e6;
const NANOS_PER_SECOND = 1e9;

/** Milliseconds as seconds and nanoseconds. */
export function hrTimeOf(millis: number): HrTime {
  const seconds = Math.floor(millis / 1000);
  const nanos = Math.round((millis - seconds * 1000) * NANOS_PER_MILLI);
  return nanos < NANOS_PER_SECOND ? [seconds, nanos] : [seconds + 1, 0];
}

/**
 * A time as a user of the API gives it: since the Unix epoch, in milliseconds or as `[seconds, nanoseconds]`; of the
 * monotonic clock, in milliseconds; or a Date. Undefined means now.
 */
export function givenTime(input: TimeInput | undefined): HrTime {
  if (typeof input === 'number') return hrTimeOf(input <= performance.now() ? wallTime(input) : input);
  if (input instanceof Date) return hrTimeOf(input.getTime());
  return isHrTime(input) ? input : hrTimeOf(wallTime());
}

export function isHrTime(input: unknown): input is HrTime {
  return (
    Array.isArray(input) && input.length === 2 && typeof input[0] === 'number' && typeof input[1] === 'number'
  );
}

/** The sum of a time and a duration that is not negative. */
export function later([seconds, nanos]: HrTime, [moreSeconds, moreNanos]: HrTime): HrTime {
  const sum = nanos + moreNanos;
  return sum < NANOS_PER_SECOND
    ? [seconds + moreSeconds, sum]
    : [seconds + moreSeconds + 1, sum - NANOS_PER_SECOND];
}

/** What lies between two times; its seconds are negative where `end` is before `start`. */
export function between(start: HrTime, end: HrTime): HrTime {
  const nanos = end[1] - start[1];
  const seconds = end[0] - start[0];
  return nanos < 0 ? [seconds - 1, nanos + NANOS_PER_SECOND] : [seconds, nanos];
}
