import { inspect } from 'node:util';

import { boundFields } from './child-logger.ts';
import { noteLogger } from './doctor/noted.ts';
import { LEVEL_NUMBERS, type LogLevelName, readLogLevels } from './log-levels.ts';
import { checkLineOptions, type LineOptions } from './log-options.ts';
import type { LogStream } from './log-output.ts';
import { createLogWriter, type LogPlace, streamPlace } from './log-writer.ts';

/** Options of {@link configureConsoleLogging}. */
export interface ConsoleLoggingOptions extends LineOptions {
  /** The lowest level that is written. Default: that of `LOG_LEVEL` for all loggers, else `trace`. */
  readonly level?: LogLevelName | undefined;
  /** Default: where the console writes each of its methods, stdout and stderr. */
  readonly stream?: LogStream | undefined;
}

type MethodName = 'debug' | 'error' | 'info' | 'log' | 'trace' | 'warn';

const METHOD_LEVELS: Readonly<Record<MethodName, Exclude<LogLevelName, 'silent'>>> = {
  trace: 'trace',
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

type ConsoleMethod = (...data: unknown[]) => void;

/** What is used of a console: `console`, or one that the application made. */
export type ConsoleMethods = Record<MethodName, ConsoleMethod>;

/** Found on each method by every copy of this package. */
const CONFIGURED = Symbol.for('@org/tracing.logging');

type OurMethod = ConsoleMethod & { readonly [CONFIGURED]?: { undo(): void } };

/**
 * Makes `log`, `info`, `warn`, `error`, `debug` and `trace` of a console write the lines of {@link configureLogging}, with the
 * ids of the active span, where the console wrote before. `log` has the level INFO; `trace` has the stack of its call
 * as the field `stack`. Other methods, such as `table` and `group`, stay what they are.
 *
 * Called again, it takes the new options. Functions taken off the console before stay what they were.
 *
 * @returns Gives the console its own methods back.
 * @throws {TypeError} Where `target` is no console, or an option is wrong.
 * @example
 * const undo = configureConsoleLogging(console, { serviceName: 'shop' });
 * console.info('order %s accepted', 'a-1', { pieces: 2 });
 */
export function configureConsoleLogging(
  target: ConsoleMethods,
  options: ConsoleLoggingOptions = {},
): () => void {
  const names = Object.keys(METHOD_LEVELS) as MethodName[];
  if (names.some((name) => typeof Object(target)[name] !== 'function')) {
    throw new TypeError(
      `configureConsoleLogging: the first argument must be a console; got ${inspect(target, { depth: 0 })}`,
    );
  }
  checkLineOptions('configureConsoleLogging', options);
  for (const name of names) (target[name] as OurMethod)[CONFIGURED]?.undo();

  const before = pick(target, names);
  const place = options.stream ? streamPlace(options.stream) : placeOf(target, before);
  const { write, warning } = createLogWriter(options, place);
  const levels = readLogLevels(options.level, {});
  const least = LEVEL_NUMBERS[levels.root ?? 'trace'];
  let isOn = true;

  const forget = noteLogger('console');
  const undo = (): void => {
    isOn = false;
    forget();
    for (const name of names) if (target[name] === ours[name]) target[name] = before[name];
  };
  const ours = Object.fromEntries(
    names.map((name): [MethodName, OurMethod] => {
      const level = METHOD_LEVELS[name];
      const method = (...data: unknown[]): void => {
        // Something may have been put on top, which calls this one after it was undone.
        if (!isOn) return before[name].apply(target, data);
        if (LEVEL_NUMBERS[level] < least) return undefined;
        return write(level.toUpperCase(), undefined, name === 'trace' ? [...data, stackHere(method)] : data);
      };
      return [name, Object.assign(method, { [CONFIGURED]: { undo } })];
    }),
  ) as Record<MethodName, OurMethod>;
  Object.assign(target, ours);
  for (const each of [levels.warning, warning]) if (each !== undefined) write('WARN', undefined, [each]);
  return undo;
}

function pick(target: ConsoleMethods, names: readonly MethodName[]): ConsoleMethods {
  return Object.fromEntries(names.map((name) => [name, target[name]])) as ConsoleMethods;
}

/** Where the console itself writes: the levels from WARN on, and TRACE, to its stderr. */
function placeOf(
  target: ConsoleMethods & { _stdout?: unknown; _stderr?: unknown },
  methods: ConsoleMethods,
): LogPlace {
  const isForErrors = (level: string): boolean => level === 'WARN' || level === 'ERROR' || level === 'TRACE';
  const { _stdout: out, _stderr: errors } = target;
  const isItsOwn = [methods.log, methods.error].every((method) => isNative(method));
  if (isItsOwn && isStream(out) && isStream(errors)) {
    const [toOut, toErrors] = [streamPlace(out), streamPlace(errors)];
    return {
      color: toOut.color === true && toErrors.color === true,
      pieceAtMost: toOut.pieceAtMost ?? toErrors.pieceAtMost,
      put: (line, level) => (isForErrors(level) ? toErrors : toOut).put(line, level),
    };
  }
  // Something that the application has put in the way of its lines stays there.
  return {
    color: false,
    pieceAtMost: undefined,
    put: (line, level) => (isForErrors(level) ? methods.error : methods.log).call(target, line),
  };
}

/** Node's methods of a console are bound functions. */
function isNative(method: ConsoleMethod): boolean {
  return Function.prototype.toString.call(method).includes('[native code]');
}

function isStream(value: unknown): value is LogStream {
  return typeof Object(value).write === 'function';
}

/** The stack of the call, bound so that it is no part of the message. */
function stackHere(above: (...data: unknown[]) => void): object {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, above);
  // An application may have its stacks made into something else than a text.
  const stack: unknown = holder.stack;
  return boundFields({ stack: typeof stack === 'string' ? stack.replace(/^.*\n/, '') : stack });
}
