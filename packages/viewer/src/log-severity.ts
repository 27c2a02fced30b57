/** The names of levels, a step of four apart in OpenTelemetry's numbers from 1 on and of ten in pino's from 10 on. */
const NAMES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const OTHER_NAMES: Readonly<Record<string, string>> = {
  WARNING: 'WARN',
  ERR: 'ERROR',
  CRITICAL: 'FATAL',
  EMERGENCY: 'FATAL',
  ALERT: 'FATAL',
  NOTICE: 'INFO',
  INFORMATION: 'INFO',
  VERBOSE: 'DEBUG',
  SILLY: 'TRACE',
};

/** A level as a logger writes it, `warning` or pino's 40, as it is to be shown: `WARN`. */
export function levelText(level: unknown): string {
  if (typeof level === 'number') return NAMES[Math.round(level / 10) - 1] ?? String(level);
  if (typeof level !== 'string') return '';
  const text = level.toUpperCase();
  return OTHER_NAMES[text] ?? text;
}

/** The level of a log record of OpenTelemetry, whose text is the logger's own name for it. */
export function levelOfRecord(severityNumber: number, severityText: string): string {
  return severityText === '' ? (NAMES[Math.ceil(severityNumber / 4) - 1] ?? '') : levelText(severityText);
}

/** OpenTelemetry's number of a level; 0 where it is none of those. */
export function severityOf(level: string): number {
  const index = NAMES.indexOf(level);
  return index < 0 ? 0 : index * 4 + 1;
}
