import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { exitOf, type ServiceExit } from './child-process.ts';
import { type ExpectedLine, lineFinder } from './expected-line.ts';
import { saidAddress } from './listening-address.ts';
import { listeningReport, reportedUrl } from './listening-report.ts';
import { type LogLine, parsedLine } from './log-line.ts';
import { readOutput } from './output-lines.ts';
import { processWaits } from './process-waits.ts';
import { checkServiceOptions, serviceEnvironment, type ServiceOptions } from './service-options.ts';

export type { ServiceExit } from './child-process.ts';
export type { ExpectedLine } from './expected-line.ts';
export type { LogLine } from './log-line.ts';
export type { ServiceOptions } from './service-options.ts';

const DEFAULT_TIMEOUT_MILLIS = 20_000;
const A_LINE =
  'a line that says where it listens, such as "listening on http://127.0.0.1:3000" or "Server listening on port 3000"';

/** A running service. */
export interface ServiceProcess extends AsyncDisposable {
  /** Where it listens, as it said itself, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
  /** The lines of stdout and stderr that are JSON objects, parsed, in the order of arrival. The array is live. */
  readonly logs: readonly LogLine[];
  /** Everything that it wrote to stdout so far. */
  readonly stdout: string;
  /** Everything that it wrote to stderr so far. */
  readonly stderr: string;
  /**
   * Resolves with the first log line, past or future, that is as `wanted` says: by the words that `toHaveLogs` has, whatever
   * the logger calls them, or by a function, which gets the line as it was written.
   *
   * @throws Error when it exits or the time limit is reached before; the message says what a line with this message has
   *   instead.
   * @throws {TypeError} For what cannot be expected of a line.
   */
  waitForLog(wanted: ExpectedLine | ((line: LogLine) => boolean)): Promise<LogLine>;
  /** Resolves when it has exited and its output is read. */
  readonly exited: Promise<ServiceExit>;
  /**
   * Sends `signal` (default `SIGTERM`) and waits for the exit.
   *
   * @throws Error when it has not exited at the time limit; it is killed then.
   */
  stop(signal?: NodeJS.Signals): Promise<ServiceExit>;
}

/**
 * Starts a service and waits until it listens. It says so by a line of stdout or stderr, plain or JSON: "listening",
 * "running", "started", "ready" or "up", and where: `http://127.0.0.1:3000`, `port 3000` or `:3000`. The first such line
 * counts. Fastify's logger writes one; for a service that does not, there is {@link ServiceOptions.port}. Leaving its scope
 * kills it, and so does the end of this process.
 *
 * @throws Error when it cannot be started, at once when it exits before it listens, and at the time limit; the message says
 *   what was waited for and has its output.
 * @throws {TypeError} For an option that is not known, and for a value that cannot be one.
 * @example
 * await using service = await startService({ entry: 'dist/main.js', env: { NEXT_URL: next.url } });
 * await fetch(`${service.url}/users/1`);
 * await service.stop();
 */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  checkServiceOptions(options);
  const { entry, args = [], execArgv = [], cwd, port, timeoutMillis = DEFAULT_TIMEOUT_MILLIS } = options;
  const report = port === undefined ? { execArgv: [], env: {} } : listeningReport();
  const child = spawn(
    options.execPath ?? process.execPath,
    [...report.execArgv, ...execArgv, entry, ...args],
    {
      env: { ...serviceEnvironment(options), ...report.env },
      stdio: ['ignore', 'pipe', 'pipe', port === undefined ? 'ignore' : 'pipe'],
      ...(cwd !== undefined && { cwd }),
    },
  ) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
  await once(child, 'spawn');

  const fault = (reason: string): Error => {
    const shown = [stdout, stderr].map(({ text }) => text || '(nothing)\n');
    return new Error(`${entry}: ${reason}\nstdout:\n${shown[0]}\nstderr:\n${shown[1]}`);
  };
  const { look, end, until } = processWaits(timeoutMillis, fault);
  const logs: LogLine[] = [];
  let url: string | undefined;
  let useless: string | undefined;
  const takeLine = (line: string): void => {
    const log = parsedLine(line);
    if (log) logs.push(log);
    if (port === undefined && url === undefined) {
      const said = saidAddress(line);
      url = said?.url;
      if (said && url === undefined) useless ??= line;
    }
    look();
  };
  const stdout = readOutput(child.stdout, takeLine);
  const stderr = readOutput(child.stderr, (line) => {
    options.onStderrLine?.(line);
    takeLine(line);
  });
  if (port !== undefined) {
    readOutput(child.stdio[3] as Readable, (line) => {
      url ??= reportedUrl(line, port);
      look();
    });
  }
  const exited = exitOf(child).then((exit) => {
    for (const output of [stdout, stderr]) output.end();
    end(exit);
    return exit;
  });

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<ServiceExit> {
    child.kill(signal);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMillis);
    const exit = await exited;
    clearTimeout(timer);
    if (late) throw fault(`did not exit within ${timeoutMillis} ms of ${signal} and was killed.`);
    return exit;
  }

  async function kill(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }

  try {
    const what =
      port === undefined ? A_LINE : `a server that listens on ${port === 0 ? 'any port' : `port ${port}`}`;
    const advice = (): string => (port === undefined ? portAdvice(useless) : '');
    await until(
      () => what,
      () => url,
      advice,
    );
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    url: url ?? '',
    pid: child.pid ?? 0,
    logs,
    get stdout() {
      return stdout.text;
    },
    get stderr() {
      return stderr.text;
    },
    async waitForLog(wanted) {
      const { matches, what } = lineFinder(wanted);
      return until(
        () => what(logs),
        () => logs.find(matches),
      );
    },
    exited,
    stop,
    [Symbol.asyncDispose]: kill,
  };
}

/** @param useless A line that says where the service listens, with port 0. */
function portAdvice(useless: string | undefined): string {
  const option = 'give `startService` the option `port`: 0 for any.';
  if (useless === undefined) return ` Where it prints none, ${option}`;
  return ` ${JSON.stringify(useless)} names none: let it print the port of \`server.address()\`, or ${option}`;
}
