import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How a process ended; exactly one of the two is null. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();

/**
 * Resolves when a process has exited and what it wrote is read. Until then, the end of this process kills it.
 *
 * What it has started may hold its output open for ever: that is not waited for, and cut.
 */
export async function exitOf(child: ChildProcess): Promise<ServiceExit> {
  if (running.size === 0) {
    process.on('exit', killAll);
    process.on('SIGTERM', killAllOn);
  }
  running.add(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // What it wrote is with the kernel already. After two turns the loop has read once all that there is.
  await Promise.race([closed, nextTurn().then(() => nextTurn())]);
  for (const stream of child.stdio) stream?.destroy();
  running.delete(child);
  if (running.size === 0) {
    process.off('exit', killAll);
    process.off('SIGTERM', killAllOn);
  }
  return { code, signal };
}

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A signal that ends this process runs no listener of `exit`; without another listener it still ends it. */
function killAllOn(signal: NodeJS.Signals): void {
  killAll();
  process.off(signal, killAllOn);
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
