import { checkKeys, checkMillis, checkValue } from './checked-options.ts';

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
   * `PORT` is that of the option `port` where nothing else is said, and 0 without it: any port that is free.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * For a service that does not print where it listens: the port on which it will, 0 for the first one on which it does.
   * The start then resolves as soon as that takes connections, which Node itself reports to a file that is loaded by
   * `--require`, and what is printed does not count. For a server in the process itself, not in a worker thread or a process below it.
   */
  readonly port?: number;
  /** Default: this process's directory. */
  readonly cwd?: string;
  /** Limit for the start, for each wait and for the exit, in milliseconds. Default: 20 000. */
  readonly timeoutMillis?: number;
  /** Gets each line that it writes to stderr, without its end. */
  readonly onStderrLine?: (line: string) => void;
}

const KEYS = [
  'entry',
  'args',
  'execPath',
  'execArgv',
  'env',
  'port',
  'cwd',
  'timeoutMillis',
  'onStderrLine',
] satisfies (keyof ServiceOptions)[];

/** @throws {TypeError} For an option that is not known, and for a value that cannot be one. */
export function checkServiceOptions(options: ServiceOptions): void {
  checkKeys('startService', options, KEYS);
  const { entry, port, timeoutMillis } = options;
  if (typeof entry !== 'string') throw new TypeError('startService: entry: expected the path of a file');
  const isPort = Number.isInteger(port) && Number(port) >= 0 && Number(port) < 65_536;
  checkValue('startService: port', port, isPort, 'a number from 0 to 65535');
  checkMillis('startService: timeoutMillis', timeoutMillis);
}

/** The environment of a service: this process's without `OTEL_*`, its port, and what is added. */
export function serviceEnvironment({ env = {}, port = 0 }: ServiceOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_'));
  const all = { ...Object.fromEntries(inherited), PORT: String(port), ...env };
  // spawn would pass undefined on as a text.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
