import { inspect } from 'node:util';

import { readString } from './environment.ts';
import type { TraceKeys } from './log-line.ts';
import type { LogStream } from './log-output.ts';

/** Names of loglevel's levels. */
export type LogLevelName = 'debug' | 'error' | 'info' | 'silent' | 'trace' | 'warn';

/** loglevel's number of each of its levels. */
export const LEVEL_NUMBERS = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, silent: 5 } as const;

/** Options of `configureLogging`. */
export interface LoggingOptions {
  /**
   * `service` of each line. Default: the name that spans have (`initTracing`, then `OTEL_SERVICE_NAME` and
   * `OTEL_RESOURCE_ATTRIBUTES`).
   */
  readonly serviceName?: string | undefined;
  /** Level at the start. Default: `LOG_LEVEL`, then `info`. The application's own `setLevel` works after it. */
  readonly level?: LogLevelName | undefined;
  /**
   * Called for each line: fields to add, such as the id of a job. Fields of the line itself win. What it throws
   * goes to OpenTelemetry's `diag`, and the line is written without.
   */
  readonly fields?: (() => object | undefined) | undefined;
  /** Other keys for the ids; they take the place of the standard ones. */
  readonly traceKeys?: TraceKeys | undefined;
  /** Default: `process.stderr`. */
  readonly stream?: LogStream | undefined;
}

/** @throws {TypeError} Names the option that is wrong, what it must be and what it is. */
export function checkLoggingOptions(options: LoggingOptions): void {
  const { serviceName, level, fields, traceKeys = {}, stream } = options;
  check('serviceName', 'a text that is not empty', serviceName, isText);
  check('level', `one of ${Object.keys(LEVEL_NUMBERS).join(', ')}`, level, (value) => isLevelName(value));
  check('fields', 'a function', fields, (value) => typeof value === 'function');
  for (const [name, key] of Object.entries(traceKeys)) {
    check(`traceKeys.${name}`, 'a text that is not empty', key, isText);
  }
  check('stream', 'a writable stream', stream, (value) => typeof Object(value).write === 'function');
}

/**
 * The level to start with: in code, then `LOG_LEVEL`, then INFO.
 *
 * @param warn Is told of a `LOG_LEVEL` that is none.
 */
export function startLevel(level: LogLevelName | undefined): { level: LogLevelName; warning?: string } {
  if (level !== undefined) return { level };
  const value = readString('LOG_LEVEL');
  const name = value?.toLowerCase();
  if (name === undefined || isLevelName(name)) return { level: name ?? 'info' };
  const known = Object.keys(LEVEL_NUMBERS).join(', ');
  return {
    level: 'info',
    warning: `LOG_LEVEL=${JSON.stringify(value)} is not one of ${known}; info is used`,
  };
}

function isLevelName(value: unknown): value is LogLevelName {
  return typeof value === 'string' && Object.hasOwn(LEVEL_NUMBERS, value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function check(name: string, expected: string, value: unknown, isRight: (value: unknown) => boolean): void {
  if (value === undefined || isRight(value)) return;
  throw new TypeError(`configureLogging: ${name} must be ${expected}; got ${inspect(value)}`);
}
