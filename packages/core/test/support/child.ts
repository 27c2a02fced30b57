import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface Child {
  /** Waits until the program has printed a line, and gives it. */
  line(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Writes to its standard input, which is empty otherwise. */
  write(text: string): void;
  readonly exit: Promise<Exit>;
}

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a module, as text or as a file, which may import the built package by its name, in its own process. */
export function runChild(module: string | URL, environment: Readonly<Record<string, string>> = {}): Child {
  // pnpm sets NODE_PATH, by which a program would find packages that it does not have.
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NODE_)/.test(name));
  const args =
    typeof module === 'string' ? ['--input-type=module', '--eval', module] : [fileURLToPath(module)];
  const child = spawn(process.execPath, args, {
    cwd: PACKAGE,
    env: { ...Object.fromEntries(kept), ...environment },
    stdio: 'pipe',
  });
  const stderr = text(child.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exit = once(child, 'close').then(async ([code, signal]: unknown[]): Promise<Exit> => ({
    code: code as Exit['code'],
    signal: signal as Exit['signal'],
    stderr: await stderr,
  }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  return {
    exit,
    kill: (signal) => void child.kill(signal),
    write: (input) => void child.stdin.write(input),
    async line() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the program ended without a line: ${(await exit).stderr}`);
      return value;
    },
  };
}
