import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const COMMAND = fileURLToPath(new URL('../dist/tracing-viewer.js', import.meta.url));

/** The built command as a process, with what it has written. */
export class ViewerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...env } });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += String(text)));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += String(text)));
    this.exited = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  /** Resolves when what it has written to either stream matches. @returns The match. */
  async written(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this[stream]);
      if (found) return found;
      const ended = await Promise.race([
        once(this.child[stream], 'data').then(() => undefined),
        this.exited.then((code) => String(code)),
      ]);
      if (ended !== undefined && !pattern.test(this[stream])) {
        throw new Error(`it ended with ${ended} before ${String(pattern)}:\n${this.stdout}\n${this.stderr}`);
      }
    }
  }

  /** The address that it says first. */
  async url(stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    return (await this.written(stream, /^tracing-viewer listening on (http:\S+): /))[1]!;
  }
}
