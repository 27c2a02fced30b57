import { inspect } from 'node:util';

import { diag, type SpanContext, trace } from '@opentelemetry/api';

import { errorText } from './diagnostics.ts';
import { readLogArguments } from './log-arguments.ts';
import { contextFields } from './log-context-fields.ts';
import { createLogFormatter } from './log-line.ts';
import { checkLoggingOptions, LEVEL_NUMBERS, type LoggingOptions, startLevel } from './log-options.ts';
import { lineWriter } from './log-output.ts';
import { currentServiceName } from './log-service-name.ts';

type LevelNumber = (typeof LEVEL_NUMBERS)[keyof typeof LEVEL_NUMBERS];

type MethodFactory = (
  methodName: 'debug' | 'error' | 'info' | 'trace' | 'warn',
  level: LevelNumber,
  loggerName: string | symbol,
) => (...message: unknown[]) => void;

/** What is used of each logger of `loglevel`. */
export interface LoglevelLogger {
  methodFactory: MethodFactory;
  getLevel(): LevelNumber;
  setDefaultLevel(level: LevelNumber): void;
  rebuild(): void;
}

/** What is used of `loglevel` itself, its root logger. */
export interface LoglevelRoot extends LoglevelLogger {
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
 * one JSON line to stderr for each call of a logging method: what {@link formatLogLine} writes, with the ids of
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

  const start = startLevel(options.level);
  const level =
    options.level === undefined && levelSince !== undefined ? levelSince : LEVEL_NUMBERS[start.level];
  const undo = replaceFactories(log, lineFactory(options), level);
  if (start.warning !== undefined && earlier === undefined)
    log.methodFactory('warn', level, '')(start.warning);
  return undo;
}

/** Makes loglevel's methods: each call writes a line. */
function lineFactory(options: LoggingOptions): MethodFactory {
  const { serviceName: givenName, traceKeys, stream } = options;
  const serviceName = givenName === undefined ? currentServiceName() : () => givenName;
  const addedFields = guardedFields(options.fields);
  const format = createLogFormatter(traceKeys);
  const write = lineWriter(stream);

  return (methodName, _level, loggerName) => {
    const level = methodName.toUpperCase();
    const logger = nameOf(loggerName);
    return (...args) => {
      try {
        const { message, fields, error } = readLogArguments(args);
        const added = addedFields();
        const spanContext = activeSpanContext();
        write(
          format({
            level,
            service: serviceName(),
            logger,
            message,
            spanContext,
            fields: withFirst(contextFields(), withFirst(added, fields)),
            error,
          }),
        );
      } catch {
        // No value that is logged leads here; a call at the very end of the stack may.
      }
    };
  };
}

function replaceFactories(log: LoglevelRoot, factory: MethodFactory, level: LevelNumber): () => void {
  const levelBefore = log.getLevel();
  const rootBefore = log.methodFactory;
  const before = new Map(allLoggers(log).map((logger) => [logger, logger.methodFactory]));

  const undo = (): void => {
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
  const named = log.getLoggers() as Readonly<Record<string | symbol, LoglevelLogger>>;
  return [log, ...Reflect.ownKeys(named).flatMap((name) => named[name] ?? [])];
}

/** The option `fields`, made unable to break a line. */
function guardedFields(fields: LoggingOptions['fields']): () => object | undefined {
  if (fields === undefined) return () => undefined;
  // `diag` may lead back here, where the application has it write to the same loggers.
  let running = false;
  return () => {
    if (running) return undefined;
    running = true;
    try {
      const added = fields();
      return typeof added === 'object' && added !== null ? added : undefined;
    } catch (error) {
      diag.error(`the option "fields" of configureLogging threw: ${errorText(error)}`);
      return undefined;
    } finally {
      running = false;
    }
  };
}

/** Of two fields with one key that of the later object is written. */
function withFirst(first: object | undefined, fields: readonly object[]): readonly object[] {
  return first === undefined ? fields : [first, ...fields];
}

function activeSpanContext(): SpanContext | undefined {
  try {
    return trace.getActiveSpan()?.spanContext();
  } catch {
    // The span of a foreign implementation.
    return undefined;
  }
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
