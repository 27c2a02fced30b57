import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The demo as a process of its own, in a process group and with a folder for temporary files of its own. */
export interface RunningDemo {
  readonly child: ChildProcess;
  /** Everything that it wrote so far. */
  readonly output: { stdout: string; stderr: string };
  /** What it wrote to stderr, but for the notice of a database that is slow to start. */
  complaints(): string;
  /** Resolves with the whole of stdout as soon as it matches. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with the exit code once it and everything that holds its output has ended. */
  readonly ended: Promise<number | null>;
  /** Resolves once the folder for temporary files is empty, where the database was. */
  folderEmpty(): Promise<void>;
  /** Whether any process of its group is left. */
  survivors(): boolean;
}

/** Starts the demo for the length of a test. */
export function startDemo(args: readonly string[], env: Record<string, string> = {}): RunningDemo {
  const folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  // PostgreSQL runs under an account of its own where we are root.
  chmodSync(folder, 0o777);
  const child = spawn(process.execPath, [MAIN, ...args], {
    detached: true,
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const group = -(child.pid ?? 0);
  const survivors = (): boolean => {
    try {
      return process.kill(group, 0);
    } catch {
      return false;
    }
  };
  onTestFinished(() => {
    if (survivors()) process.kill(group, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);

  return {
    child,
    output,
    ended,
    survivors,
    complaints: () => output.stderr.replace('PostgreSQL is starting…\n', ''),
    async until(pattern) {
      while (!pattern.test(output.stdout)) {
        const more = once(child.stdout, 'data');
        const over = ended.then(() => {
          if (!pattern.test(output.stdout))
            throw new Error(`ended without ${pattern}:\n${JSON.stringify(output)}`);
        });
        await Promise.race([more, over]);
      }
      return output.stdout;
    },
    async folderEmpty() {
      const changes = watch(folder);
      while (readdirSync(folder).length > 0) await once(changes, 'change');
      changes.close();
    },
  };
}
