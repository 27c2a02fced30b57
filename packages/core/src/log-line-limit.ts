import type { LineBuilder, LogFormatter } from './log-entry.ts';

/** Characters that message, fields and exception of a line may take each. */
export const PART_AT_MOST = 65_536;

/**
 * Makes lines of at most `maxLineBytes` bytes, their line break included. A line that would be longer has its message, fields
 * and exception cut, each to the same length, and says so. Of the line's own members none is cut: where they alone
 * are longer, so is the line.
 */
export function withLineLimit(build: LineBuilder, maxLineBytes: number | undefined): LogFormatter {
  if (maxLineBytes === undefined) return (entry) => build(entry, PART_AT_MOST);
  const fits = (line: string): boolean =>
    // A character of JavaScript takes three bytes at most.
    line.length * 3 < maxLineBytes || Buffer.byteLength(line) < maxLineBytes;
  return (entry) => {
    const whole = build(entry, PART_AT_MOST);
    if (fits(whole)) return whole;
    let [least, most] = [0, maxLineBytes];
    // Without the exception's and the fields' own marks, which take some room even where nothing of them is left.
    let line = build({ ...entry, fields: undefined, error: undefined }, 0);
    while (most - least > 8) {
      const room = Math.floor((least + most) / 2);
      const candidate = build(entry, room);
      if (fits(candidate)) {
        line = candidate;
        least = room;
      } else {
        most = room;
      }
    }
    return line;
  };
}
