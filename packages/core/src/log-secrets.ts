import { inspect, types } from 'node:util';

import { isError } from './log-exception.ts';
import type { Redaction } from './log-redaction.ts';

const DEPTH_AT_MOST = 10;
const NODES_AT_MOST = 10_000;

/**
 * Whether `util.format` might print a secret of `value`, so that it must not be given it. Only values that were looked
 * through count as clean: primitives, bytes, and plain objects, arrays, maps, sets, errors and functions of them. What else
 * there is may print more than its properties, as `Headers` does. Never throws.
 */
export function mayHoldSecret(value: unknown, isSecret: Redaction): boolean {
  try {
    return new SecretSearch(isSecret).finds(value, 0);
  } catch {
    // What cannot be looked at might hold one.
    return true;
  }
}

class SecretSearch {
  private readonly isSecret: Redaction;
  private readonly seen = new Set<unknown>();
  private left = NODES_AT_MOST;

  constructor(isSecret: Redaction) {
    this.isSecret = isSecret;
  }

  finds(value: unknown, depth: number): boolean {
    this.left -= 1;
    if (this.left < 0) return true;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
    // It has only bytes to show, of which there may be millions.
    if (ArrayBuffer.isView(value)) return false;
    if (this.seen.has(value)) return false;
    this.seen.add(value);
    if (depth > DEPTH_AT_MOST || !showsOnlyProperties(value)) return true;
    return this.findsInside(value, depth + 1);
  }

  private findsInside(value: object, depth: number): boolean {
    if (Array.isArray(value) && value.length > this.left) return true;
    if (types.isMap(value)) {
      for (const [key, inner] of value) {
        if (this.isSecret(String(key)) || this.finds(key, depth) || this.finds(inner, depth)) return true;
      }
    } else if (types.isSet(value)) {
      for (const inner of value) if (this.finds(inner, depth)) return true;
    }
    // These two are printed where they are inherited as well.
    if (
      isError(value) &&
      (this.finds(value.cause, depth) || this.finds(Reflect.get(value, 'errors'), depth))
    ) {
      return true;
    }
    return this.findsInProperties(value, depth);
  }

  /** `%o` prints properties that are not enumerable, and symbols, as well. */
  private findsInProperties(value: object, depth: number): boolean {
    return Reflect.ownKeys(value).some((key) => {
      const name = typeof key === 'symbol' ? (key.description ?? '') : key;
      const isIndex = Array.isArray(value) && /^\d/.test(name);
      return (!isIndex && this.isSecret(name)) || this.finds(Reflect.get(value, key), depth);
    });
  }
}

/** Whether nothing else of `value` is printed than what it contains: it has no own way and no hidden content. */
function showsOnlyProperties(value: object): boolean {
  if (types.isProxy(value) || inspect.custom in value) return false;
  if ('toJSON' in value && typeof value.toJSON === 'function') return false;
  if (isError(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof value === 'function') return prototype === Function.prototype;
  if (Array.isArray(value)) return prototype === Array.prototype;
  if (types.isMap(value)) return prototype === Map.prototype;
  if (types.isSet(value)) return prototype === Set.prototype;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
