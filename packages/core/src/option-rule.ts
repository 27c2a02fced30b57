import { inspect } from 'node:util';

/**
 * Says that an option is not what it should be.
 *
 * @param name The option, with those around it: `captureHeaders.request`.
 * @param expected Completes "expected".
 * @throws TypeError always: names the option, what was expected and the value.
 */
export function refuseOption(name: string, expected: string, value: unknown): never {
  throw new TypeError(`${name}: expected ${expected}; got ${printed(value)} (${typeof value})`);
}

/** @throws TypeError where `value` is given and `holds` is false. */
export function checkOption(name: string, value: unknown, holds: boolean, expected: string): void {
  if (value !== undefined && !holds) refuseOption(name, expected, value);
}

/** What an object holds is not printed: it may be secret. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((element) => printed(element)).join(', ')}]`;
  if (typeof value === 'function') return 'a function';
  if (value instanceof RegExp || typeof value !== 'object' || value === null) return inspect(value);
  return 'an object';
}
