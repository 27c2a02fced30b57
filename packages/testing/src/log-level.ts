import { stripVTControlCharacters } from 'node:util';

/** Levels of loglevel, pino and OTLP, and those besides of winston, syslog and Google Cloud. */
export const LOG_LEVELS: readonly string[] = [
  'TRACE',
  'DEBUG',
  'INFO',
  'WARN',
  'ERROR',
  'FATAL',
  'SILLY',
  'VERBOSE',
  'HTTP',
  'NOTICE',
  'CRITICAL',
  'ALERT',
  'EMERGENCY',
];

/** Other names of the same. */
const SAME: Readonly<Record<string, string>> = {
  WARNING: 'WARN',
  CRIT: 'CRITICAL',
  EMERG: 'EMERGENCY',
};

const PINO_LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** A level as it is compared, in capitals: winston's may have colours, pino's are numbers. Empty without one. */
export function levelOf(level: unknown): string {
  if (typeof level === 'number') return PINO_LEVELS[level] ?? '';
  if (typeof level !== 'string') return '';
  const name = stripVTControlCharacters(level).trim().toUpperCase();
  return SAME[name] ?? name;
}

/** Whether a test can mean it: of another, a line that has it can never be there, and `.not` always holds. */
export function isKnownLevel(level: unknown): boolean {
  return typeof level === 'string' && LOG_LEVELS.includes(levelOf(level));
}
