import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const DEFAULT_TIMEOUT_MILLIS = 20_000;

/** A service to be run as a process of its own. */
export interface ServiceOptions {
  /** Path of the JavaScript file that starts the service. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Path of the Node that runs it. Default: the one that runs this process. */
  readonly execPath?: string;
  /** Options of Node itself, such as `--import`. */
  readonly execArgv?: readonly string[];
  /**
   * Added to this process's environment, of which `OTEL_*` is left out; undefined takes a variable away.
   * `PORT` is 0 where nothing else is said: any port that is free.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: this process's directory. */
  readonly cwd?: string;
  /** Limit for the start, for each wait and for the exit, in milliseconds. Default: 20 000. */
  readonly timeoutMillis?: number;
  /** Gets each line that it writes to stderr, without its end. */
  readonly onStderrLine?: (line: string) => void;
}

/** One line of JSON that a service wrote to stderr. */
export type LogLine = Readonly<Record<string, unknown>>;

/** How a process ended; exactly one of the two is null. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running service. */
export interface ServiceProcess extends AsyncDisposable {
  /** Where it listens, as it said itself, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** The lines of stderr that are JSON objects, parsed. The array is live. */
  readonly logs: readonly LogLine[];
  /** Everything that it wrote to stdout so far. */
  readonly stdout: string;
  /** Everything that it wrote to stderr so far. */
  readonly stderr: string;
  /** Resolves with the first log line, past or future, for which `wanted` returns true. */
  waitForLog(wanted: (line: LogLine) => boolean): Promise<LogLine>;
  /** Resolves when it has exited and its output is read to the end. */
  readonly exited: Promise<ServiceExit>;
  /**
   * Sends `signal` (default `SIGTERM`) and waits for the exit.
   *
   * @throws Error when it has not exited at the time limit; it is killed then.
   */
  stop(signal?: NodeJS.Signals): Promise<ServiceExit>;
}

const running = new Set<ChildProcess>();

/**
 * Starts a service and waits until it says on stdout that it listens: a line, plain or JSON, with
 * `listening on http://127.0.0.1:PORT` in it. Leaving its scope kills it, and so does the end of this
 * process.
 *
 * @throws Error when it cannot be started, and when it exits or reaches the time limit before it listens; the
 *   message has its output.
 * @example
 * await using service = await startService({ entry: 'dist/main.js', env: { NEXT_URL: next.url } });
 * await fetch(`${service.url}/users/1`);
 * await service.stop();
 */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const { entry, args = [], execArgv = [], cwd, timeoutMillis = DEFAULT_TIMEOUT_MILLIS } = options;
  const child = spawn(options.execPath ?? process.execPath, [...execArgv, entry, ...args], {
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  await once(child, 'spawn');
  const exited = exitOf(child);
  const logs: LogLine[] = [];
  let stdout = '';
  let stderr = '';
  const output = (): string => `stdout:\n${stdout}\nstderr:\n${stderr}`;

  // Listeners that a line, or the end of the process, lets look again.
  const watchers = new Set<() => void>();
  const look = (): void => {
    for (const watcher of watchers) watcher();
  };
  let over: ServiceExit | undefined;
  void exited.then((exit) => {
    over = exit;
    look();
  });

  function until<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void =>
        settle(() => reject(new Error(`${entry}: ${reason}\n${output()}`)));
      const timer = setTimeout(() => fail(`waited ${timeoutMillis} ms for ${what}.`), timeoutMillis);
      const attempt = (): void => {
        const found = find();
        if (found !== undefined) settle(() => resolve(found));
        else if (over) fail(`exited (${over.code ?? over.signal}) before ${what}.`);
      };
      const settle = (outcome: () => void): void => {
        watchers.delete(attempt);
        clearTimeout(timer);
        outcome();
      };
      watchers.add(attempt);
      attempt();
    });
  }

  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`;
    look();
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr += `${line}\n`;
    const log = parseLog(line);
    if (log) logs.push(log);
    options.onStderrLine?.(line);
    look();
  });

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ServiceExit> {
    child.kill(signal);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMillis);
    const exit = await exited;
    clearTimeout(timer);
    if (late) {
      throw new Error(
        `${entry}: did not exit within ${timeoutMillis} ms of ${signal} and was killed.\n${output()}`,
      );
    }
    return exit;
  }

  try {
    const url = await until(
      'its "listening on" line',
      () => /listening on (https?:\/\/[^\s"]+)/.exec(stdout)?.[1],
    );
    return {
      url: url.replace(/\/$/, ''),
      pid: child.pid ?? 0,
      logs,
      get stdout() {
        return stdout;
      },
      get stderr() {
        return stderr;
      },
      waitForLog: (wanted) => until('a log line', () => logs.find(wanted)),
      exited,
      stop,
      [Symbol.asyncDispose]: kill,
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

function environment(added: ServiceOptions['env'] = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_'));
  const all = { ...Object.fromEntries(inherited), PORT: '0', ...added };
  // spawn would pass undefined on as a text.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** `close` comes after the last byte of output, `exit` before it. */
async function exitOf(child: ChildProcess): Promise<ServiceExit> {
  if (running.size === 0) {
    process.on('exit', killAll);
    process.on('SIGTERM', killAllOn);
  }
  running.add(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
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

function parseLog(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return undefined;
  }
}
