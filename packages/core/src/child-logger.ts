import { inspect } from 'node:util';

const METHODS = ['trace', 'debug', 'log', 'info', 'warn', 'error'] as const;

/** Marks fields that every line of a child logger has, for every copy of this package. */
const BOUND = Symbol.for('@org/tracing.bound-fields');

type LogMethod = (...message: unknown[]) => void;

/** What is used of a logger of `loglevel`. */
export type LoggerMethods = Readonly<Record<(typeof METHODS)[number], LogMethod>>;

/**
 * A logger like `logger`, whose lines all have `fields` too. Fields of the line itself win; a child of a child has
 * the fields of both, of one key those of the younger.
 *
 * It has the name and the level of `logger`, whenever that changes: `setLevel` on the child is `setLevel` on
 * `logger`. loglevel has no such thing itself; where {@link configureLogging} is not in use, the fields stand before
 * the text.
 *
 * @param logger `loglevel`, a named logger of it, or a child.
 * @throws {TypeError} Where one of the two is not what it should be.
 * @example
 * const orderLog = childLogger(log, { order: 'a-1' });
 * orderLog.info('accepted'); // …,"message":"accepted",…,"order":"a-1"}
 */
export function childLogger<Logger extends LoggerMethods>(logger: Logger, fields: object): Logger {
  if (METHODS.some((name) => typeof Object(logger)[name] !== 'function')) {
    throw new TypeError(
      `childLogger: logger must be a logger of loglevel; got ${inspect(logger, { depth: 0 })}`,
    );
  }
  if (typeof fields !== 'object' || fields === null) {
    throw new TypeError(`childLogger: fields must be an object; got ${inspect(fields)}`);
  }
  const bound = boundFields(fields);
  const child: Record<string, LogMethod> = Object.create(logger);
  for (const name of METHODS) {
    // Looked up at each call: loglevel replaces a logger's methods when its level changes.
    const method: LogMethod = (...message) => logger[name](bound, ...message);
    child[name] = method;
  }
  return child as unknown as Logger;
}

/** Fields for a line that are no part of its message. */
export function boundFields(fields: object): object {
  return Object.defineProperty(copied(fields), BOUND, { value: true });
}

/** What of the fields can be read: getters of theirs may throw, and the whole may be a proxy. */
function copied(fields: object): object {
  try {
    return { ...fields };
  } catch {
    return { fields: '[Throws]' };
  }
}

/** Whether a logged value is what a child logger adds: fields alone, no part of the message. */
export function isBoundFields(value: object): boolean {
  try {
    return BOUND in value;
  } catch {
    // A proxy that refuses to tell.
    return false;
  }
}
