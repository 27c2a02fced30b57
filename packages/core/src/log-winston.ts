import { inspect } from 'node:util';

import { noteLogger } from './doctor/noted.ts';
import { type TraceFieldsOptions, traceFieldsSource } from './log-trace-fields.ts';

/** A format of winston that can be switched off and on. */
export interface WinstonTraceFormat {
  transform<Info extends object>(info: Info): Info;
  readonly options: object;
  /** Whether it adds fields. */
  enabled: boolean;
}

/** What is used of a logger of winston. */
export interface WinstonLogger {
  write: (...args: never[]) => unknown;
}

/** Says that a line has got its fields, which may be none. Every copy of this package finds it. */
const TRACED = Symbol.for('@org/tracing.traced-line');
const CONFIGURED = Symbol.for('@org/tracing.logging');

/**
 * A format for winston, to stand before the one that makes the text: `trace_id`, `span_id` and `trace_flags` of the active
 * span on each line, those of child loggers too, or what another `logFormat` has in their place; `severity` for `gcp`.
 * Fields that the line has already win. Without a span, or with an invalid one, it has no ids.
 *
 * winston applies formats when it takes a line out of its queue. While a transport is slow that is later, outside of the
 * span: see {@link traceWinston}, which a logger can be given beside this format or in its place.
 *
 * @throws {TypeError} Names the option that is wrong.
 * @example
 * winston.createLogger({ format: winston.format.combine(winstonTraceFormat(), winston.format.json()), … });
 */
export function winstonTraceFormat(options: TraceFieldsOptions = {}): WinstonTraceFormat {
  const source = traceFieldsSource('winstonTraceFormat', options);
  noteLogger('winston');
  const format: WinstonTraceFormat = {
    options: {},
    enabled: options.enabled ?? true,
    transform: (info) =>
      format.enabled && !(TRACED in info) ? withFields(info, source.read(levelOf(info))) : info,
  };
  return format;
}

/**
 * Gives the lines of a winston logger, and of its children, the fields of {@link winstonTraceFormat}, at the moment they are
 * logged: they are right with transports that are slow, and whatever the logger's formats are.
 *
 * Called again for the same logger, it takes the new options.
 *
 * @returns Gives the logger back its own way.
 * @throws {TypeError} Where `logger` is none, or an option is wrong.
 * @example
 * const logger = winston.createLogger({ transports: [new winston.transports.File({ filename: 'shop.log' })] });
 * traceWinston(logger);
 */
export function traceWinston(logger: WinstonLogger, options: TraceFieldsOptions = {}): () => void {
  if (typeof Object(logger).write !== 'function') {
    throw new TypeError(
      `traceWinston: logger must be a logger of winston; got ${inspect(logger, { depth: 0 })}`,
    );
  }
  const source = traceFieldsSource('traceWinston', options);
  const { [CONFIGURED]: earlier } = logger.write as { [CONFIGURED]?: { undo(): void } };
  earlier?.undo();
  const isOwn = Object.hasOwn(logger, 'write');
  const write = logger.write;
  let isOn = options.enabled ?? true;

  const forget = noteLogger('winston');
  const undo = (): void => {
    // Something may have been put on top since, which goes on calling this one.
    isOn = false;
    forget();
    if (logger.write !== ours) return;
    if (isOwn) logger.write = write;
    else delete (logger as { write?: unknown }).write;
  };
  function traced(this: unknown, info: unknown, ...rest: unknown[]): unknown {
    const isLine = isOn && typeof info === 'object' && info !== null && !(TRACED in info);
    const line = isLine ? withFields(info, marked(source.read(levelOf(info)))) : info;
    return Reflect.apply(write, this, [line, ...rest]);
  }
  const ours = Object.assign(traced, { [CONFIGURED]: { undo } });
  logger.write = ours;
  return undo;
}

function marked(fields: object): object {
  (fields as { [TRACED]?: true })[TRACED] = true;
  return fields;
}

function levelOf(info: object): string | undefined {
  const { level } = info as { level?: unknown };
  return typeof level === 'string' ? level : undefined;
}

/**
 * A copy with the fields: winston hands on the very object that the application logged, which may log it again in another
 * span. What the object has wins.
 */
function withFields<Info extends object>(info: Info, fields: object): Info {
  // Not a spread, to whose result V8 11 (Node 20) is slow to add what later formats do.
  if (Object.getPrototypeOf(info) === Object.prototype && !Object.hasOwn(info, '__proto__')) {
    return Object.assign({}, fields, info);
  }
  // An error, which later formats ask for its class and stack.
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(info);
  // From Node 21 on a stack is an accessor, which gives nothing for what is no error itself.
  if (own['stack']?.get) {
    own['stack'] = { value: Reflect.get(info, 'stack'), writable: true, configurable: true };
  }
  const copy: Info = Object.create(Object.getPrototypeOf(info), own);
  for (const key of Reflect.ownKeys(fields)) {
    if (!(key in copy))
      Object.defineProperty(copy, key, {
        value: Reflect.get(fields, key),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return copy;
}
