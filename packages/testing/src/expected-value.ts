import { isDeepStrictEqual } from 'node:util';

/** What vitest, Jest and others have for "any number", "a text with …". */
interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
  /** `Any<Number>` */
  toAsymmetricMatcher?(): string;
}

/**
 * Whether a value is as expected: equal in depth, or what stands for it (a regular expression for a text, an
 * asymmetric matcher). Of an expected object the keys named count, others may be there.
 */
export function fitsValue(actual: unknown, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual);
  if (expected instanceof RegExp) {
    // `test` would go on where the last one ended, were the expression global.
    return typeof actual === 'string' && actual.search(expected) !== -1;
  }
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => fitsValue(actual[index], item))
    );
  }
  if (isPlain(expected) && isPlain(actual)) {
    return Object.entries(expected).every(([key, value]) => fitsValue(actual[key], value));
  }
  return isDeepStrictEqual(actual, expected);
}

/** The key of the first undefined value in an object that is expected: it would fit where nothing is there. */
export function undefinedPath(expected: unknown): string | undefined {
  if (!isPlain(expected) || isAsymmetric(expected)) return undefined;
  for (const [key, value] of Object.entries(expected)) {
    if (value === undefined) return key;
    const below = undefinedPath(value);
    if (below !== undefined) return `${key}.${below}`;
  }
  return undefined;
}

/** A value of a test, or one that it expects, as text. */
export function shownValue(value: unknown): string {
  if (isAsymmetric(value)) return value.toAsymmetricMatcher?.() ?? String(value);
  if (typeof value === 'bigint' || value instanceof RegExp) return String(value);
  return (
    JSON.stringify(value, (_key, each: unknown) =>
      isAsymmetric(each) || typeof each === 'bigint' || each instanceof RegExp ? shownValue(each) : each,
    ) ?? 'nothing'
  );
}

/** A name as it is, or what stands for one. */
export function shownName(name: unknown): string {
  return typeof name === 'string' ? name : shownValue(name);
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === 'object' &&
    value !== null &&
    'asymmetricMatch' in value &&
    typeof value.asymmetricMatch === 'function'
  );
}

/** Not a Date, Map or Set, which have no keys: any object would fit. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}
