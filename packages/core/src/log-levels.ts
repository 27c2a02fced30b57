import { readString } from './environment.ts';
import { quoted } from './one-line.ts';

/** Names of loglevel's levels. */
export type LogLevelName = 'debug' | 'error' | 'info' | 'silent' | 'trace' | 'warn';

/** loglevel's number of each of its levels. */
export const LEVEL_NUMBERS = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, silent: 5 } as const;

/** loglevel's number of a level. */
export type LevelNumber = (typeof LEVEL_NUMBERS)[LogLevelName];

/** Levels to start with. */
export interface LogLevels {
  /** Of every logger that has none of its own; undefined where nothing says it. */
  readonly root: LogLevelName | undefined;
  /** Level of a named logger; undefined where it has that of the root. */
  of(loggerName: string): LogLevelName | undefined;
  /** Whether `of` knows any. */
  readonly named: boolean;
  /** What of `LOG_LEVEL` is not understood. */
  readonly warning?: string;
}

/**
 * Reads the levels: `level` and `levels` in code win over their part of `LOG_LEVEL`, which is a list like
 * `info,db=debug,http.*=warn`: a level for all loggers, and levels by name. In a name `*` stands for any characters. Of
 * several entries for one logger the one without `*` counts, else the longest, else the last.
 */
export function readLogLevels(
  level: LogLevelName | undefined,
  levels: Readonly<Record<string, LogLevelName>> | undefined,
): LogLevels {
  const variable = parseLogLevel();
  const rules = (levels === undefined ? variable.named : Object.entries(levels).toReversed())
    .map(([name, given]) => ({ name, given, matches: matcher(name) }))
    .toSorted((one, other) => other.name.length - one.name.length)
    .toSorted((one, other) => Number(one.name.includes('*')) - Number(other.name.includes('*')));
  const root = level ?? variable.root;
  return {
    root,
    named: rules.length > 0,
    of: (loggerName) => rules.find(({ matches }) => matches(loggerName))?.given,
    ...(variable.wrong.length > 0 && { warning: warningOf(variable.wrong, root ?? 'info') }),
  };
}

/** Whether a value is the name of a level. */
export function isLevelName(value: unknown): value is LogLevelName {
  return typeof value === 'string' && Object.hasOwn(LEVEL_NUMBERS, value);
}

interface Parsed {
  root?: LogLevelName;
  /** The last entry first. */
  readonly named: [name: string, level: LogLevelName][];
  readonly wrong: string[];
}

function parseLogLevel(): Parsed {
  const parsed: Parsed = { named: [], wrong: [] };
  for (const entry of readString('LOG_LEVEL')?.split(',') ?? []) {
    const at = entry.lastIndexOf('=');
    const level = entry
      .slice(at + 1)
      .trim()
      .toLowerCase();
    const name = at === -1 ? undefined : entry.slice(0, at).trim();
    if (entry.trim() === '') continue;
    if (!isLevelName(level) || name === '') parsed.wrong.push(entry.trim());
    else if (name === undefined) parsed.root = level;
    else parsed.named.unshift([name, level]);
  }
  return parsed;
}

function warningOf(wrong: readonly string[], root: LogLevelName): string {
  const names = Object.keys(LEVEL_NUMBERS).join(', ');
  return (
    `LOG_LEVEL=${quoted(wrong.join(','))} is not one of ${names}, alone or as name=level; ` +
    `${root} is used`
  );
}

function matcher(name: string): (loggerName: string) => boolean {
  if (!name.includes('*')) return (loggerName) => loggerName === name;
  const [first = '', ...parts] = name.split('*');
  const last = parts.pop() ?? '';
  // Each part at its first place behind the one before: a regular expression would try all places of all of them.
  return (loggerName) => {
    if (!loggerName.startsWith(first)) return false;
    let from = first.length;
    for (const part of parts) {
      const at = loggerName.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return loggerName.length - last.length >= from && loggerName.endsWith(last);
  };
}
