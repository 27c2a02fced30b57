import { shownValue } from './expected-value.ts';

/**
 * Refuses options that have a key which means nothing: what it was to say would be left out without a word.
 *
 * @param what Whose options: `startService`.
 * @throws {TypeError} Names the key, and those that there are.
 */
export function checkKeys(what: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${what}: expected options in an object, got ${shownValue(options)}`);
  }
  const stranger = Object.keys(options).find((key) => !keys.includes(key));
  if (stranger !== undefined) {
    throw new TypeError(`${what}: no option "${stranger}"; expected ${keys.join(', ')}`);
  }
}

/**
 * Refuses a value of an option that is given and does not hold.
 *
 * @param expected Completes "expected".
 * @throws {TypeError} Names the option, what was expected and the value.
 */
export function checkValue(name: string, value: unknown, holds: boolean, expected: string): void {
  if (value !== undefined && !holds) {
    throw new TypeError(`${name}: expected ${expected}, got ${shownValue(value)}`);
  }
}

/** Refuses a time limit that is none: Node would take it for 1 ms. */
export function checkMillis(name: string, value: unknown): void {
  const holds = typeof value === 'number' && value >= 0 && value < 2 ** 31;
  checkValue(name, value, holds, 'milliseconds below 2^31');
}

const SPAN_ID = /^(?!0{16}$)[\da-f]{16}$/;

/** Refuses what are no span ids: such parents would be none of any span. */
export function checkSpanIds(name: string, value: unknown): void {
  const holds = Array.isArray(value) && value.every((id) => typeof id === 'string' && SPAN_ID.test(id));
  checkValue(name, value, holds, 'span ids of 16 lower-case hex digits in an array');
}

/** The names of an enumeration, whose object has its numbers as keys too. */
export function namesOf(names: object): string[] {
  return Object.keys(names).filter((each) => Number.isNaN(Number(each)));
}
