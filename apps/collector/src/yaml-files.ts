import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { parseAllDocuments } from 'yaml';

/** What YAML and JSON can hold. */
export type Value = string | number | boolean | null | readonly Value[] | Mapping;

export interface Mapping {
  readonly [key: string]: Value | undefined;
}

/** `apps/collector`, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url));

/**
 * The documents of a YAML text.
 *
 * @throws Error that names `name` and the place, for what is not valid YAML, a key that stands twice included.
 */
export function parseDocuments(text: string, name: string): Mapping[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  if ('empty' in documents) throw new Error(`${name} is empty`);
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw new Error(`${name}: ${problem.message}`);
    return asMapping(document.toJS() as Value, name);
  });
}

/** The documents of a file below `apps/collector`. */
export function readDocuments(file: string): Mapping[] {
  return parseDocuments(readFileSync(ROOT + file, 'utf8'), file);
}

/** @throws TypeError that names `name`, for anything but a mapping. */
export function asMapping(value: Value | undefined, name: string): Mapping {
  if (isMapping(value)) return value;
  throw new TypeError(`${name}: expected a mapping, got ${JSON.stringify(value)}`);
}

export function isMapping(value: Value | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value below `keys`, or nothing. */
export function at(value: Value | undefined, ...keys: readonly (string | number)[]): Value | undefined {
  return keys.reduce<Value | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)] as Value | undefined;
    return isMapping(inner) ? inner[key] : undefined;
  }, value);
}

/** The entries of a mapping, and none for what is left empty. */
export function entries(value: Value | undefined): [string, Value][] {
  if (!isMapping(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Value] => entry[1] !== undefined);
}

/** The texts of a list, and none for what is left empty. */
export function texts(value: Value | undefined): string[] {
  return items(value).filter((item): item is string => typeof item === 'string');
}

/** The items of a list, and none for what is left empty. */
export function items(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}
