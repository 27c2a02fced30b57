import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { type End, type Place, signalOf } from './program-ends.ts';

const PROGRAM = fileURLToPath(new URL('../dist/shutdown-program.js', import.meta.url));

/** Nothing of ours may hold a program so long. */
const LIMIT_MILLIS = 60_000;

/** How a program ended. */
export interface ProgramEnd {
  /** Its exit code, or the signal that ended it: of the worker or thread, where the spans were made there. */
  readonly exit: string;
  /** From the signal or the message until the process was gone. */
  readonly millis: number;
  /** What the kit wrote to stderr. */
  readonly lines: readonly string[];
}

/** Runs the program until it has made its spans, and brings it to its end. */
export async function runProgram(
  place: Place,
  end: End,
  env: Readonly<Record<string, string>>,
): Promise<ProgramEnd> {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_'));
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...Object.fromEntries(others), ...env, PLACE: place, END: end },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MILLIS);
  try {
    const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const stderr = text(child.stderr);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    const closed = once(child.stdout, 'close');
    await Promise.race([once(child.stdout, 'data'), exited]);

    const told = performance.now();
    const signal = signalOf(end);
    if (signal !== undefined && place !== 'cluster worker') child.kill(signal);
    else child.stdin.write('end\n');
    // It may be gone before it has read everything.
    child.stdin.on('error', () => undefined);
    const [code, bySignal] = await exited;
    const millis = performance.now() - told;
    await closed;
    const inner = /ended (\S+)/.exec(stdout)?.[1];
    return {
      exit: inner ?? String(bySignal ?? code),
      millis,
      lines: (await stderr).split('\n').filter((line) => line.startsWith('[tracing] ')),
    };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
