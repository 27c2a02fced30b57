import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { DocumentedBlock } from './documented-blocks.ts';

const run = promisify(execFile);

/** What a reader does in terminals who begins in an empty folder. Leaving its scope ends what is started in it. */
export interface DocumentWalk extends Disposable {
  /** Writes the file of a block. */
  write(block: DocumentedBlock): void;
  /** Runs commands to their end, and gives what they print on stdout. Rejects when they fail. A `cd` stays. */
  run(commands: string): Promise<string>;
  /** Starts commands that run until Ctrl-C. */
  start(commands: string): RunningCommands;
}

/** Commands in a process group of their own, as a terminal gives them one. Leaving their scope kills them. */
export interface RunningCommands extends Disposable {
  /** Everything that they wrote so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves with the first match in stdout, past or future. Rejects when they end before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Presses Ctrl-C, and resolves once everything that was started has ended. */
  interrupt(): Promise<void>;
}

/**
 * Begins a walk in a temporary folder, which goes with it.
 *
 * @param ports Those of the document, with what stands in their place: tests run beside each other.
 */
export function startWalk(ports: Readonly<Record<number, number>>): DocumentWalk {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-walk-'));
  const lastFolder = join(folder, '.last-folder');
  const env = { ...readersEnvironment(), LAST_FOLDER: lastFolder };
  const started: RunningCommands[] = [];
  let cwd = folder;
  const here = (text: string): string =>
    text.replaceAll(/\b\d{4}\b/g, (number) => String(ports[Number(number)] ?? number));
  return {
    write(block) {
      if (block.file === undefined) throw new Error('The block is for no file.');
      writeFileSync(join(cwd, block.file), here(block.text));
    },
    async run(commands) {
      const { stdout } = await run('bash', ['-euc', `${here(commands)}\npwd >"$LAST_FOLDER"`], { cwd, env });
      cwd = readFileSync(lastFolder, 'utf8').trim();
      return stdout;
    },
    start(commands) {
      const running = startCommands(here(commands), { cwd, env });
      started.push(running);
      return running;
    },
    [Symbol.dispose]() {
      for (const running of started) running[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts commands that run until Ctrl-C. */
export function startCommands(
  commands: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): RunningCommands {
  const child = spawn('bash', ['-c', commands], {
    ...options,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const group = -(child.pid ?? 0);
  // Whoever has its output open has not ended.
  const closed = once(child, 'close');
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return {
    output,
    async until(pattern) {
      for (;;) {
        const found = pattern.exec(output.stdout);
        if (found) return found;
        const more = await Promise.race([once(child.stdout, 'data'), closed.then(() => undefined)]);
        if (!more) throw new Error(`${commands}: no ${pattern}\n${output.stdout}${output.stderr}`);
      }
    },
    async interrupt() {
      signal(group, 'SIGINT');
      await closed;
    },
    [Symbol.dispose]: () => signal(group, 'SIGKILL'),
  };
}

function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(group, name);
  } catch {
    // All of it has ended.
  }
}

/** That of this process without what the test runner and its package manager add. */
export function readersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(?:OTEL_|VITEST|TURBO_|npm_(?!config_)|NODE_(?:OPTIONS|PATH|ENV)$|npm_config_local_prefix$)/.test(
        name,
      ),
  );
  // What is in npm's cache already is not asked for again.
  return { ...Object.fromEntries(kept), npm_config_prefer_offline: 'true' };
}
