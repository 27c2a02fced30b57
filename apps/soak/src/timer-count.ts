/** Node's own mark on a timer that has fired or was cleared; there is no public one. */
type Timer = NodeJS.Timeout & { readonly _destroyed?: boolean };

/** Timers that are remembered between two looks at them. */
const LOOK_AFTER = 10_000;

/**
 * Counts the timers that wait, those that do not hold the process too, which Node's list of active resources leaves
 * out. Timers inside of Node are not seen.
 *
 * @returns How many there are now.
 */
export function countTimers(): () => number {
  const timers = new Set<Timer>();
  function waiting(): number {
    for (const timer of timers) if (timer._destroyed) timers.delete(timer);
    return timers.size;
  }
  const counted = <Start extends (...args: never[]) => Timer>(start: Start): Start =>
    new Proxy(start, {
      apply(original, receiver, args) {
        const timer: Timer = Reflect.apply(original, receiver, args);
        timers.add(timer);
        if (timers.size > LOOK_AFTER) waiting();
        return timer;
      },
    });
  globalThis.setTimeout = counted(globalThis.setTimeout);
  globalThis.setInterval = counted(globalThis.setInterval);
  return waiting;
}
