import { othersThatEndTheProcess } from './signal-exit.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** What happens with spans when the process ends. */
export interface EndOfProcess {
  /** Sends what is there, open requests included, for so long at most; never rejects. */
  flush(timeoutMillis: number): Promise<void>;
  /** Begins to send, while the application goes on until it ends the process itself. */
  hasten(): void;
  /** Whether there is something to send. */
  unflushed(): boolean;
  /** Sends what can be sent without the event loop: the process exits, by its own decision or by a crash. */
  lastWords(): void;
  /** The process ends now: says at once what is lost. */
  exit(): void;
}

/**
 * Flushes when the process is told to end or has nothing left to do, and changes nothing in how it ends: where
 * the application handles a signal, that alone decides; where nobody does, the signal is sent again after the
 * flush, for its default to happen.
 *
 * @param timeoutMillis How long the process may be held up.
 * @returns Takes the listeners away.
 */
export function flushAtEnd(end: EndOfProcess, timeoutMillis: number): () => void {
  const remove: (() => void)[] = [];
  const onExit = (): void => {
    end.lastWords();
    end.exit();
  };

  for (const signal of SIGNALS) {
    let flushing = false;
    const isOursAlone = (ours: number): boolean =>
      process.listenerCount(signal) - othersThatEndTheProcess(signal) <= ours;
    const onSignal = (): void => {
      if (!isOursAlone(1)) {
        end.hasten();
        return;
      }
      const raise = (): void => {
        process.removeListener(signal, onSignal);
        // A listener that was added meanwhile has taken over.
        if (!isOursAlone(0)) return;
        end.exit();
        process.kill(process.pid, signal);
      };
      // Who sends it twice does not want to wait.
      if (flushing) raise();
      else void end.flush(timeoutMillis).then(raise);
      flushing = true;
    };
    // First, since a `once` listener of the application is gone from the list by the time it has run.
    process.prependListener(signal, onSignal);
    remove.push(() => process.removeListener(signal, onSignal));
  }

  let leftMillis = timeoutMillis;
  let flushedAt = -Infinity;
  async function flushOnceMore(): Promise<void> {
    const began = performance.now();
    // The application has found work since.
    if (began - flushedAt > timeoutMillis) leftMillis = timeoutMillis;
    if (leftMillis <= 0 || !end.unflushed()) return;
    await end.flush(leftMillis);
    flushedAt = performance.now();
    leftMillis -= flushedAt - began;
  }
  // It is emitted again after each flush: only where there is something new, and for so long in all, since a listener of
  // the application's may end a span each time. Behind all listeners, for what they end.
  const onBeforeExit = (): void => process.nextTick(() => void flushOnceMore());
  process.on('beforeExit', onBeforeExit);
  remove.push(() => process.removeListener('beforeExit', onBeforeExit));
  process.on('exit', onExit);
  remove.push(() => process.removeListener('exit', onExit));

  return () => {
    for (const step of remove) step();
  };
}
