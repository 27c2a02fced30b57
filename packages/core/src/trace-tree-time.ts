import type { TreeSpan } from './trace-tree.ts';

/** A stretch of time, in nanoseconds since the Unix epoch. */
export interface TimeRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** The time of a span, or undefined where the tree has none. */
export function timeRange({ startTimeUnixNano, endTimeUnixNano }: TreeSpan): TimeRange | undefined {
  if (startTimeUnixNano === undefined || endTimeUnixNano === undefined) return undefined;
  // The clocks of two machines, or a time given by hand, may put the end before the start.
  const end = endTimeUnixNano < startTimeUnixNano ? startTimeUnixNano : endTimeUnixNano;
  return { start: startTimeUnixNano, end };
}

/** The smallest range that covers both. */
export function cover(a: TimeRange | undefined, b: TimeRange): TimeRange {
  if (a === undefined) return b;
  return { start: a.start < b.start ? a.start : b.start, end: a.end > b.end ? a.end : b.end };
}

/** Three significant digits and a unit: `812 µs`, `4.23 ms`, `48.2 s`, `2m 05s`, `3h 20m`. */
export function durationText({ start, end }: TimeRange): string {
  const nanos = Number(end - start);
  if (nanos < 1e3) return `${nanos} ns`;
  if (nanos < 1e6) return `${threeDigits(nanos / 1e3)} µs`;
  if (nanos < 1e9) return `${threeDigits(nanos / 1e6)} ms`;
  const seconds = Math.round(nanos / 1e9);
  if (seconds < 60) return `${threeDigits(nanos / 1e9)} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'm', 's');
  return twoUnits(Math.round(seconds / 60), 60, 'h', 'm');
}

/** Where `range` lies in `whole`, to half a column, drawn in `width` columns without the blanks on the right. */
export function offsetBar(range: TimeRange, whole: TimeRange, width: number): string {
  const halvesPerNano = (width * 2) / (Number(whole.end - whole.start) || 1);
  const from = Math.min(width * 2 - 1, Math.floor(Number(range.start - whole.start) * halvesPerNano));
  const until = Math.ceil(Number(range.end - whole.start) * halvesPerNano);
  const to = Math.max(from + 1, Math.min(width * 2, until));
  const first = Math.ceil(from / 2);
  const last = Math.floor(to / 2);
  const head = ' '.repeat(Math.floor(from / 2)) + (first * 2 > from ? '╺' : '');
  return head + '━'.repeat(last - first) + (last * 2 < to ? '╸' : '');
}

function threeDigits(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

function twoUnits(value: number, base: number, large: string, small: string): string {
  const rest = String(value % base).padStart(2, '0');
  return `${Math.floor(value / base)}${large} ${rest}${small}`;
}
