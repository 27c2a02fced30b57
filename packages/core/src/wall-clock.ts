/** Beyond this the clock of the machine has been set, or the machine has slept. */
const MAX_DRIFT_MILLIS = 2;

/** What the monotonic clock counts from, in milliseconds since the Unix epoch. */
let origin = performance.timeOrigin;

/**
 * A moment of the monotonic clock on the wall clock, which itself shows whole milliseconds.
 *
 * @param monotonic Of `performance.now()`; default: now.
 * @returns Milliseconds since the Unix epoch, to the microsecond.
 */
export function wallTime(monotonic: number = performance.now()): number {
  if (isAstray(monotonic, Date.now())) correctOrigin();
  return origin + monotonic;
}

function isAstray(monotonic: number, wall: number): boolean {
  // The wall clock shows whole milliseconds, so it is behind by up to one.
  const ahead = origin + monotonic - wall;
  return ahead < -MAX_DRIFT_MILLIS || ahead > 1 + MAX_DRIFT_MILLIS;
}

/** The moment asked for may just be some time ago, and a busy machine may stop us between two readings. */
function correctOrigin(): void {
  const before = performance.now();
  const wall = Date.now();
  if (performance.now() - before < 1 && isAstray(before, wall)) origin = wall - before;
}
