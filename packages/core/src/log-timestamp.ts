let lastTime = Number.NaN;
let lastTimestamp = '';

/**
 * ISO 8601 in UTC, with milliseconds; of a time that is none, now. Never throws.
 *
 * Lines come in bursts, and the text of one millisecond serves for all of it.
 *
 * @param time Milliseconds since the Unix epoch.
 */
export function timestamp(time: number): string {
  if (time !== lastTime) {
    lastTimestamp = dateOf(time).toISOString();
    lastTime = time;
  }
  return lastTimestamp;
}

/** The date of a time in milliseconds since the Unix epoch; of one that is none, now. Never throws. */
export function dateOf(time: number): Date {
  try {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? new Date() : date;
  } catch {
    // Some values cannot be made a number.
    return new Date();
  }
}
