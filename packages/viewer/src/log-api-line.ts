import type { LogLine } from './api.ts';
import type { StoredLog } from './stored-log.ts';

/** A log line as the page is told it. */
export function logLine(log: StoredLog): LogLine {
  return {
    ...(log.spanId !== undefined && { spanId: log.spanId }),
    timeUnixNano: String(log.timeUnixNano),
    level: log.level,
    message: log.message,
    service: log.service,
    attributes: log.attributes,
  };
}

/** Log lines by their time; those of one time as they came. */
export function byTime(a: StoredLog, b: StoredLog): number {
  if (a.timeUnixNano === b.timeUnixNano) return 0;
  return a.timeUnixNano < b.timeUnixNano ? -1 : 1;
}
