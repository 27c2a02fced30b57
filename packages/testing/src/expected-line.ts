import { checkExpectedLog } from './checked-expected-log.ts';
import { differences, type ExpectedLog, saysSame, shownLog } from './expected-log.ts';
import type { LogLine } from './log-line.ts';
import { readLog } from './trace-logs.ts';

/** A log line of a service as a test expects it, where no trace is at hand. */
export type ExpectedLine = Pick<ExpectedLog, 'message' | 'level' | 'fields'>;

/** How a line is looked for. */
export interface LineFinder {
  matches(line: LogLine): boolean;
  /** What is looked for, in words, and in what one of the lines differs that has the message. */
  what(lines: readonly LogLine[]): string;
}

/** @throws {TypeError} For what cannot be expected of a line. */
export function lineFinder(wanted: ExpectedLine | ((line: LogLine) => boolean)): LineFinder {
  if (typeof wanted === 'function') {
    return { matches: wanted, what: () => 'a log line that satisfies a condition' };
  }
  checkExpectedLog(wanted, ['message', 'level', 'fields']);
  return {
    matches: (line) => saysSame(readLog(line), wanted),
    what(lines) {
      const found = differences(lines.map(readLog), wanted);
      return `the log line ${shownLog(wanted)}${found === undefined ? '' : ` (one with this message has ${found})`}`;
    },
  };
}
