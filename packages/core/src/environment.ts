import { diag } from '@opentelemetry/api';

import { quoted } from './one-line.ts';

/**
 * Reads the `OTEL_*` variables as the specification wants it (configuration/common.md): empty is unset, an
 * invalid value is named in one warning and the fallback is used; nothing here throws.
 */

/** The trimmed value, undefined where the variable is unset or empty. */
export function readString(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/**
 * Names a variable's value as invalid, as far as it is no longer than a line. `expected` completes "is not"; `used` says
 * what is used instead.
 */
export function warnInvalid(name: string, value: string, expected: string, used: string): void {
  diag.warn(`${name}=${quoted(value)} is not ${expected}; ${used} is used`);
}

/** A whole number from `min` to `max`, by default the longest delay that timers know. */
export function readInteger(
  name: string,
  { min, max = MAX_TIMER_MILLIS, fallback }: { min: number; max?: number; fallback: number },
): number {
  const value = readString(name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  const used = fallback === Infinity ? 'no limit' : String(fallback);
  warnInvalid(name, value, `a whole number from ${min} to ${max}`, used);
  return fallback;
}

/** The longest delay of `setTimeout`, in milliseconds; a longer one would fire at once. */
export const MAX_TIMER_MILLIS: number = 2 ** 31 - 1;

/** A number from 0 to 1. */
export function readRatio(name: string, fallback: number): number {
  const value = readString(name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (number >= 0 && number <= 1) return number;
  warnInvalid(name, value, 'a number from 0 to 1', String(fallback));
  return fallback;
}

/** True for "true" in any case alone; anything else is false, and anything but "false" is warned about. */
export function readBoolean(name: string): boolean {
  const value = readString(name);
  const lower = value?.toLowerCase();
  if (value !== undefined && lower !== 'true' && lower !== 'false') {
    warnInvalid(name, value, '"true" or "false"', 'false');
  }
  return lower === 'true';
}

/** One of `known`, in any case. */
export function readEnum<Name extends string>(name: string, known: readonly Name[], fallback: Name): Name {
  const value = readString(name);
  if (value === undefined) return fallback;
  const found = matchName(value, known);
  if (found === undefined) warnInvalid(name, value, `one of ${known.join(', ')}`, fallback);
  return found ?? fallback;
}

/**
 * The known names of a comma-separated list, in any case, each once; one warning names those that are unknown.
 * Where none is known, the fallback.
 */
export function readNames<Name extends string>(
  name: string,
  known: readonly Name[],
  fallback: readonly Name[],
): readonly Name[] {
  const found = new Set<Name>();
  const unknown: string[] = [];
  for (const entry of readString(name)?.split(',') ?? []) {
    const value = entry.trim();
    const match = matchName(value, known);
    if (match !== undefined) found.add(match);
    else if (value !== '') unknown.push(value);
  }
  const names = found.size > 0 ? [...found] : fallback;
  if (unknown.length > 0) {
    warnInvalid(name, unknown.join(','), `a list of ${known.join(', ')}`, names.join(','));
  }
  return names;
}

function matchName<Name extends string>(value: string, known: readonly Name[]): Name | undefined {
  const lower = value.toLowerCase();
  return known.find((candidate) => candidate === lower);
}
