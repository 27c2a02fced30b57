import { inspect } from 'node:util';

/** Whether the value of a field of this name is secret. */
export type Redaction = (name: string) => boolean;

/** What stands in the place of a secret value. */
export const REDACTED = '[REDACTED]';

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
