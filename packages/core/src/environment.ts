import { diag } from '@opentelemetry/api';

/**
 * Reads the `OTEL_*` variables as the specification wants it (configuration/common.md): empty is unset, an
 * invalid value is named in one warning and the fallback is used; nothing here throws.
 */

/** The trimmed value, undefined where the variable is unset or empty. */
export function readString(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/** Names a variable's value as invalid. `expected` completes "is not"; `used` says what is used instead. */
export function warnInvalid(name: string, value: string, expected: string, used: string): void {
  diag.warn(`${name}=${JSON.stringify(value)} is not ${expected}; ${used} is used`);
}

/** An integer of at least `min` and at most `max`, which defaults to the longest delay that timers know. */
export function readInteger<Fallback extends number | undefined>(
  name: string,
  { min, max = MAX_TIMER_MILLIS, fallback }: { min: number; max?: number; fallback: Fallback },
): number | Fallback {
  const value = readString(name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  warnInvalid(name, value, `a whole number from ${min} to ${max}`, String(fallback ?? 'the default'));
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

/** One of `known`, in any case; undefined where the variable is unset or invalid. `used` is for the warning. */
export function readEnum<Name extends string>(
  name: string,
  known: readonly Name[],
  used: string,
): Name | undefined {
  const value = readString(name);
  if (value === undefined) return undefined;
  const found = matchName(value, known);
  if (found === undefined) warnInvalid(name, value, `one of ${known.join(', ')}`, used);
  return found;
}

/**
 * The known names of a comma-separated list, in any case, each once. Where some are unknown one warning names
 * them; where none is left the list counts as unset, and `used` says in the warning what that means.
 */
export function readNames<Name extends string>(
  name: string,
  known: readonly Name[],
  used: string,
): readonly Name[] | undefined {
  const entries = readString(name)
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries === undefined) return undefined;
  const found = new Set<Name>();
  const unknown: string[] = [];
  for (const entry of entries) {
    const match = matchName(entry, known);
    if (match === undefined) unknown.push(entry);
    else found.add(match);
  }
  const names = [...found];
  if (unknown.length > 0) {
    const instead = names.length > 0 ? names.join(',') : used;
    warnInvalid(name, unknown.join(','), `a list of ${known.join(', ')}`, instead);
  }
  return names.length > 0 ? names : undefined;
}

function matchName<Name extends string>(value: string, known: readonly Name[]): Name | undefined {
  const lower = value.toLowerCase();
  return known.find((candidate) => candidate === lower);
}
