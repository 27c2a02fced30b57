import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A collector that has started. */
export interface RunningCollector {
  readonly process: ChildProcess;
  /** Ends it, by SIGTERM if nothing else is said, and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts `otelcol-contrib`, and waits until it says that it is ready.
 *
 * @throws Error with what it said, when it ends before.
 */
export async function startCollector(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningCollector> {
  const child = spawn('otelcol-contrib', args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const said: string[] = [];
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('Everything is ready')) resolve();
    });
  });
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error(`the collector ended:\n${said.join('\n')}`);
    }),
  ]);
  return {
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}
