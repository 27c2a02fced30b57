let lastTime = Number.NaN;
let lastTimestamp = '';

/**
 * ISO 8601 in UTC, with milliseconds; of a time that is none, now.
 *
 * Lines come in bursts, and the text of one millisecond serves for all of it.
 *
 * @param time Milliseconds since the Unix epoch.
 */
export function timestamp(time: number): string {
  if (time !== lastTime) {
    const date = new Date(time);
    lastTimestamp = (Number.isNaN(date.getTime()) ? new Date() : date).toISOString();
    lastTime = time;
  }
  return lastTimestamp;
}
