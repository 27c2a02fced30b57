import type { JsonValue } from './api.ts';

/** Levels of a value that are kept: to write deeper ones as JSON may take more stack than there is. */
const DEPTH = 32;

/** A value as JSON can hold it: what it cannot is text, and what lies too deep an ellipsis. */
export function jsonValue(value: unknown, depth: number = DEPTH): JsonValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === undefined) return null;
  if (typeof value !== 'object') return String(value);
  if (depth === 0) return '…';
  return Array.isArray(value)
    ? value.map((item) => jsonValue(item, depth - 1))
    : jsonValues(value, depth - 1);
}

/** All values of an object. */
export function jsonValues(values: object, depth: number = DEPTH): { [key: string]: JsonValue } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, jsonValue(value, depth)]));
}
