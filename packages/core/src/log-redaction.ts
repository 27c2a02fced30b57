import { inspect } from 'node:util';

import { isError } from './log-exception.ts';

/** Whether the value of a field of this name is secret. */
export type Redaction = (name: string) => boolean;

/** What stands in the place of a secret value. */
export const REDACTED = '[REDACTED]';

const DEPTH_AT_MOST = 10;

/**
 * @param names Names of fields whose values are secret: a text in any case of letters, or an expression that is
 *   searched in the name.
 * @returns undefined where there are none, so that nothing is asked for any field.
 */
export function createRedaction(names: readonly (RegExp | string)[] = []): Redaction | undefined {
  if (names.length === 0) return undefined;
  const texts = new Set(names.flatMap((name) => (typeof name === 'string' ? [name.toLowerCase()] : [])));
  // An expression with one of these flags goes on from where its last search ended.
  const expressions = names.flatMap((name) =>
    typeof name === 'string' ? [] : [new RegExp(name.source, name.flags.replaceAll(/[gy]/g, ''))],
  );
  return (name) => texts.has(name.toLowerCase()) || expressions.some((expression) => expression.test(name));
}

/** Whether `value` has a secret anywhere inside, so that it must not be printed as it is. Never throws. */
export function holdsSecret(value: unknown, isSecret: Redaction, above: readonly object[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.includes(value)) return false;
  // What cannot be looked at might hold one.
  if (above.length > DEPTH_AT_MOST) return true;
  try {
    const path = [...above, value];
    if (value instanceof Map) {
      for (const [key, inner] of value) {
        if (isSecret(String(key)) || holdsSecret(inner, isSecret, path)) return true;
      }
    }
    if (value instanceof Set) {
      for (const inner of value) if (holdsSecret(inner, isSecret, path)) return true;
    }
    if (isError(value) && holdsSecret(value.cause, isSecret, path)) return true;
    return Object.entries(value).some(([key, inner]) => isSecret(key) || holdsSecret(inner, isSecret, path));
  } catch {
    return true;
  }
}

/** @throws {TypeError} Where `names` is no list of texts and expressions. */
export function checkRedact(option: string, names: unknown): void {
  if (names === undefined) return;
  const isRight =
    Array.isArray(names) &&
    names.every((name) => (typeof name === 'string' && name !== '') || name instanceof RegExp);
  if (!isRight) {
    throw new TypeError(`${option} must be an array of names and expressions; got ${inspect(names)}`);
  }
}
