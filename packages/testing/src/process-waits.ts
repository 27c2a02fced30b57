import type { ServiceExit } from './child-process.ts';

/** Waits for what a process does, by event. */
export interface ProcessWaits {
  /** Lets each wait look again. */
  look(): void;
  /** Says that nothing more comes: what is not there by now fails. */
  end(exit: ServiceExit): void;
  /**
   * Resolves with what `find` returns, as soon as it returns something.
   *
   * @param what What is waited for, in words.
   * @param advice Said at the time limit: a sentence after a space.
   */
  until<T>(what: () => string, find: () => T | undefined, advice?: () => string): Promise<T>;
}

/** @param fault Makes the error of a wait that fails, of its reason. */
export function processWaits(timeoutMillis: number, fault: (reason: string) => Error): ProcessWaits {
  const watchers = new Set<() => void>();
  let over: ServiceExit | undefined;
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  return {
    look,
    end(exit) {
      over = exit;
      look();
    },
    until(what, find, advice = () => '') {
      return new Promise((resolve, reject) => {
        const fail = (reason: string): void => settle(() => reject(fault(reason)));
        const late = (): void => fail(`waited ${timeoutMillis} ms for ${what()}.${advice()}`);
        const timer = setTimeout(late, timeoutMillis);
        const attempt = (): void => {
          const found = find();
          if (found !== undefined) settle(() => resolve(found));
          else if (over) fail(`exited (${over.code ?? over.signal}) before there was ${what()}.`);
        };
        const settle = (outcome: () => void): void => {
          watchers.delete(attempt);
          clearTimeout(timer);
          outcome();
        };
        watchers.add(attempt);
        attempt();
      });
    },
  };
}
