import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';

import { readString, warnInvalid } from './environment.ts';
import { lineWriter } from './log-output.ts';
import { oneLine } from './one-line.ts';
import { say } from './say.ts';
import { isRegisteredHere, markRegistered, registeredGlobal } from './sdk/globals.ts';

/** How much the kit says about itself, from nothing to everything. */
export type TracingLogLevel = 'all' | 'debug' | 'error' | 'info' | 'none' | 'verbose' | 'warn';

const LEVELS: Readonly<Record<TracingLogLevel, DiagLogLevel>> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** Every level, from nothing to everything. */
export const LOG_LEVELS = Object.keys(LEVELS) as readonly TracingLogLevel[];

const DEFAULT_LEVEL: TracingLogLevel = 'warn';

/** Messages of `diag` that are being let out. */
export interface Diagnostics {
  /** A warning that is written before this returns, for a process that ends now. */
  sayAtOnce(message: string): void;
  /** Takes the logger away again. */
  stop(): void;
}

/**
 * Lets the messages of the API's `diag` out on stderr, one line each. A logger that the application gave to
 * `diag` is kept, with its own level.
 *
 * @param level Wins over `OTEL_LOG_LEVEL`; default `warn`.
 */
export function startDiagnostics(level: TracingLogLevel | undefined): Diagnostics {
  const value = level ?? readString('OTEL_LOG_LEVEL');
  const known = LOG_LEVELS.find((candidate) => candidate === value?.toLowerCase());
  const chosen = LEVELS[known ?? DEFAULT_LEVEL];
  const before = registeredGlobal('diag');
  let ours: object | undefined;
  // One of ours is there while an earlier shutdown ends, which would take it away from this one too.
  if (before === undefined || isRegisteredHere(before)) {
    diag.setLogger(stderrLogger(), { logLevel: chosen, suppressOverrideMessage: true });
    ours = registeredGlobal('diag');
    if (ours) markRegistered(ours);
  }
  const isOurs = (): boolean => ours !== undefined && registeredGlobal('diag') === ours;
  if (value !== undefined && known === undefined) {
    warnInvalid('OTEL_LOG_LEVEL', value, `one of ${LOG_LEVELS.join(', ')}`, DEFAULT_LEVEL);
  }
  return {
    sayAtOnce(message) {
      if (!isOurs()) say('warn', message);
      else if (chosen >= DiagLogLevel.WARN) writeAtOnce(`[tracing] warning: ${message}\n`);
    },
    stop() {
      if (isOurs()) diag.disable();
    },
  };
}

/** Past the stream, which in a worker thread goes through the main thread, and may wait for a slow reader. */
function writeAtOnce(text: string): void {
  try {
    writeSync(STDERR, text);
  } catch {
    // Whoever read it has gone, or is too slow: nothing holds a process up that ends.
  }
}

const STDERR = 2;

/** Characters of what was caught that are told, and of a message on stderr. */
const CAUGHT_AT_MOST = 1000;
const MESSAGE_AT_MOST = 8192;

/**
 * One line for whatever was caught: name, message and code of an error, anything else as it prints. Never throws: what was
 * caught may be a proxy, or have getters that throw. No more than 1000 characters are told.
 */
export function errorText(error: unknown): string {
  return oneLine(textOf(error), CAUGHT_AT_MOST);
}

function textOf(error: unknown, depth = 0): string {
  try {
    if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error, ONE_LINE);
    // A connection refused on all addresses of a name is an AggregateError with an empty message.
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    return `${error.name}: ${error.message || (depth < 2 && partsOf(error, depth)) || code}`;
  } catch {
    return 'a value that cannot be printed';
  }
}

function partsOf(error: Error, depth: number): string {
  if (!(error instanceof AggregateError)) return '';
  return error.errors
    .slice(0, 10)
    .map((part) => textOf(part, depth + 1))
    .join(', ');
}

const ONE_LINE = { breakLength: Infinity, compact: true, depth: 3 } as const;

function stderrLogger(): DiagLogger {
  // Past the console: one that the application has patched may log through `diag`, and one whose reader has gone
  // ends the process.
  const write = lineWriter(process.stderr);
  function at(label: string): (message: string, ...args: unknown[]) => void {
    return (...args) => {
      const text = args.map((arg) => textOf(arg)).join(' ');
      write(`[tracing] ${label}: ${oneLine(text, MESSAGE_AT_MOST)}`);
    };
  }
  return {
    error: at('error'),
    warn: at('warning'),
    info: at('info'),
    debug: at('debug'),
    verbose: at('verbose'),
  };
}
