import type { ExpectedLog } from './expected-log.ts';
import { shownValue, undefinedPath } from './expected-value.ts';
import { isKnownLevel, LOG_LEVELS } from './log-level.ts';

const KEYS = ['message', 'level', 'span', 'service', 'fields'] satisfies (keyof ExpectedLog)[];

/**
 * What a test expects of log lines, as a list.
 *
 * @throws {TypeError} When it is something else, or has what no line can fit: with `.not`, that would always hold.
 */
export function checkedExpectedLogs(expected: ExpectedLog | readonly ExpectedLog[]): readonly ExpectedLog[] {
  const wanted = [expected].flat() as readonly ExpectedLog[];
  if (wanted.length === 0)
    throw new TypeError('expected log lines: expected at least one, got an empty array');
  for (const log of wanted) checkExpectedLog(log);
  return wanted;
}

/** @throws {TypeError} As {@link checkedExpectedLogs}. */
export function checkExpectedLog(log: ExpectedLog, keys: readonly string[] = KEYS): void {
  if (typeof log !== 'object' || log === null || log instanceof RegExp) {
    throw new TypeError(
      `expected log lines: expected ${keys.join(', ')} in an object, got ${shownValue(log)}`,
    );
  }
  const stranger = Object.keys(log).find((key) => !keys.includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`expected log lines: no key "${stranger}"; expected ${keys.join(', ')}`);
  }
  const missing = undefinedPath(log);
  if (missing !== undefined) {
    throw new TypeError(`expected log lines: ${missing} is undefined; leave it out, or expect a value`);
  }
  const { level, fields } = log;
  if (level !== undefined && !isKnownLevel(level)) {
    throw new TypeError(
      `expected log lines: no level ${shownValue(level)}; expected ${LOG_LEVELS.join(', ')} in either case, or one of your own in \`fields\``,
    );
  }
  if (fields !== undefined && (typeof fields !== 'object' || fields === null || Array.isArray(fields))) {
    throw new TypeError(`expected log lines: expected fields in an object, got ${shownValue(fields)}`);
  }
  for (const key of ['message', 'span', 'service'] as const) checkText(key, log[key]);
}

/** What no text can be: a number, say. What stands for a text is an object. */
function checkText(key: string, value: unknown): void {
  if (value === undefined || typeof value === 'string' || (typeof value === 'object' && value !== null))
    return;
  throw new TypeError(`expected log lines: expected a text as ${key}, got ${shownValue(value)}`);
}
