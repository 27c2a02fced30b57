import { inspect } from 'node:util';

import { noteLogger } from './doctor/noted.ts';
import { type LevelNumber, LEVEL_NUMBERS, type LogLevelName, readLogLevels } from './log-levels.ts';
import { checkLoggingOptions, type LoggingOptions } from './log-options.ts';
import { createLogWriter, type LogWriter, streamPlace } from './log-writer.ts';

type MethodFactory = (
  methodName: 'debug' | 'error' | 'info' | 'trace' | 'warn',
  level: LevelNumber,
  loggerName: string | symbol,
) => (...message: unknown[]) => void;

/** What is used of each logger of `loglevel`. */
export interface LoglevelLogger {
  methodFactory: MethodFactory;
  getLevel(): LevelNumber;
  setLevel(level: LevelNumber, persist?: boolean): void;
  setDefaultLevel(level: LevelNumber): void;
  resetLevel(): void;
  rebuild(): void;
}

/** What is used of `loglevel` itself, its root logger. */
export interface LoglevelRoot extends LoglevelLogger {
  getLogger(name: string | symbol): LoglevelLogger;
  getLoggers(): Readonly<Record<string, LoglevelLogger>>;
}

/** Found on the method factory by every copy of this package. */
const CONFIGURED = Symbol.for('@org/tracing.logging');

interface Configured {
  readonly level: LevelNumber;
  undo(): void;
}

type OurFactory = MethodFactory & { readonly [CONFIGURED]?: Configured };

/**
 * Makes every logger of the application's own `loglevel`, root and named, made before or after this call, write
 * one JSON line to stderr for each call of a logging method: what `formatLogLine` writes, with the ids of
 * the span that is active at that moment. It never throws into the application, whatever is logged.
 *
 * The message is what `util.format` makes of the arguments; plain objects among them become fields of the
 * line, and an error its `exception`. Levels work as before, for all loggers and for each: `setLevel` whenever
 * the application calls it.
 *
 * Called again, it takes the new options and keeps a level that the application has set since. Functions taken
 * off a logger before (`const { info } = log`) stay what they were.
 *
 * @param log `loglevel` as the application imports it.
 * @returns Gives every logger back the way of writing that it had.
 * @throws {TypeError} Where `log` is not `loglevel`'s root logger, or an option is wrong.
 * @example
 * import log from 'loglevel';
 * configureLogging(log, { serviceName: 'dispatcher' });
 * log.info('order %s accepted', order.id, { items: order.items.length });
 */
export function configureLogging(log: LoglevelRoot, options: LoggingOptions = {}): () => void {
  checkRoot(log);
  checkLoggingOptions(options);
  const earlier = (log.methodFactory as OurFactory)[CONFIGURED];
  const levelSince = earlier && log.getLevel() !== earlier.level ? log.getLevel() : undefined;
  earlier?.undo();

  const levels = readLogLevels(options.level, options.levels);
  const level =
    options.level === undefined && levelSince !== undefined
      ? levelSince
      : LEVEL_NUMBERS[levels.root ?? 'info'];
  const { write, warning } = createLogWriter(options, streamPlace(options.stream));
  const undoLevels = levels.named ? setNamedLevels(log, levels.of) : undefined;
  const forget = noteLogger('loglevel');
  const undo = replaceFactories(log, lineFactory(write), level, () => {
    undoLevels?.();
    forget();
  });
  if (earlier === undefined) {
    for (const each of [levels.warning, warning]) if (each !== undefined) write('WARN', undefined, [each]);
  }
  return undo;
}

/** Makes loglevel's methods: each call writes a line. */
function lineFactory(write: LogWriter): MethodFactory {
  return (methodName, _level, loggerName) => {
    const level = methodName.toUpperCase();
    const logger = nameOf(loggerName);
    return (...args) => write(level, logger, args);
  };
}

/**
 * Gives named loggers their levels: those that are there unless the application has set one, others when they are made.
 *
 * @returns Takes the levels away again that are still the same.
 */
function setNamedLevels(log: LoglevelRoot, levelOf: (name: string) => LogLevelName | undefined): () => void {
  const given = new Map<LoglevelLogger, LevelNumber>();
  const give = (logger: LoglevelLogger, name: string | symbol): void => {
    const level = levelOf(nameOf(name) ?? '');
    if (level === undefined || logger.getLevel() !== log.getLevel()) return;
    given.set(logger, LEVEL_NUMBERS[level]);
    logger.setLevel(LEVEL_NUMBERS[level], false);
  };
  for (const [name, logger] of namedLoggers(log)) give(logger, name);

  const before = log.getLogger;
  const ours: typeof before = (name) => {
    const isNew = typeof name !== 'string' || !Object.hasOwn(log.getLoggers(), name);
    const logger = before.call(log, name);
    if (isNew && !given.has(logger)) give(logger, name);
    return logger;
  };
  log.getLogger = ours;
  return () => {
    if (log.getLogger === ours) log.getLogger = before;
    for (const [logger, level] of given) if (logger.getLevel() === level) logger.resetLevel();
  };
}

function replaceFactories(
  log: LoglevelRoot,
  factory: MethodFactory,
  level: LevelNumber,
  undoRest: () => void,
): () => void {
  const levelBefore = log.getLevel();
  const rootBefore = log.methodFactory;
  const before = new Map(allLoggers(log).map((logger) => [logger, logger.methodFactory]));

  const undo = (): void => {
    undoRest();
    for (const logger of allLoggers(log)) {
      if (logger.methodFactory !== ours) continue;
      logger.methodFactory = before.get(logger) ?? rootBefore;
      // A level that the application has set since stays.
      if (logger === log && log.getLevel() === level) log.setDefaultLevel(levelBefore);
      logger.rebuild();
    }
  };
  const ours: OurFactory = Object.assign(factory, { [CONFIGURED]: { level, undo } });

  for (const logger of before.keys()) logger.methodFactory = ours;
  log.setDefaultLevel(level);
  for (const logger of before.keys()) logger.rebuild();
  return undo;
}

/** The root first: the others inherit its level when they are rebuilt. */
function allLoggers(log: LoglevelRoot): LoglevelLogger[] {
  return [log, ...namedLoggers(log).map(([, logger]) => logger)];
}

function namedLoggers(log: LoglevelRoot): [name: string | symbol, logger: LoglevelLogger][] {
  const named = log.getLoggers() as Readonly<Record<string | symbol, LoglevelLogger>>;
  return Reflect.ownKeys(named).flatMap((name) => (named[name] ? [[name, named[name]]] : []));
}

// The root logger has no name, whatever loglevel's types say.
function nameOf(loggerName: string | symbol | undefined): string | undefined {
  if (typeof loggerName === 'symbol') return loggerName.description;
  return loggerName || undefined;
}

function checkRoot(log: unknown): void {
  const { methodFactory, getLoggers } = Object(log) as Partial<LoglevelRoot>;
  if (typeof methodFactory === 'function' && typeof getLoggers === 'function') return;
  throw new TypeError(
    `configureLogging: the first argument must be the root logger of loglevel; got ${inspect(log, { depth: 0 })}`,
  );
}
