/** Version 4 keeps its emitter here, version 3 on `process`. */
const EMITTER = Symbol.for('signal-exit emitter');

interface Emitter {
  readonly count?: unknown;
}

/**
 * How many listeners for `signal` belong to the package `signal-exit`, which many packages use to clean up. They are no
 * handlers of the application's: where nobody else listens, each cleans up and sends the signal again, as we do.
 */
export function othersThatEndTheProcess(signal: NodeJS.Signals): number {
  const globals = globalThis as { [EMITTER]?: Emitter };
  const onProcess = process as { __signal_exit_emitter__?: Emitter };
  const claimed = countOf(globals[EMITTER]) + countOf(onProcess.__signal_exit_emitter__);
  return Math.min(claimed, process.listenerCount(signal));
}

function countOf(emitter: Emitter | undefined): number {
  return typeof emitter?.count === 'number' ? emitter.count : 0;
}
