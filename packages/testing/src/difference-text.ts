import { textColumns } from '@org/tracing-core';

import type { SpanDifference } from './expected-trace.ts';

const NOTE_VALUE = 40;
const SAME_SHOWN = 12;

/** What differs, to stand beneath a span: of long values that begin alike, the ends. */
export function differenceNote({ what, expected, got }: SpanDifference): string {
  const [one, other] = unlikeEnds(expected, got, NOTE_VALUE);
  return `${what}: expected ${one}, got ${other}`;
}

/**
 * What differs, in a list: in one line, or with the values one below the other where that is too long, so that they can be
 * compared.
 *
 * @param whose The span.
 */
export function differenceLines(
  whose: string,
  { what, expected, got }: SpanDifference,
  width: number,
): string[] {
  const line = `  ${whose}: ${what}: expected ${expected}, got ${got}`;
  if (textColumns(line) <= width) return [line];
  const [one, other] = unlikeEnds(expected, got, width - '    expected '.length);
  return [`  ${whose}: ${what}:`, `    expected ${one}`, `    got      ${other}`];
}

/** Two texts, without most of what both begin with where one of them is longer than it may be. */
function unlikeEnds(one: string, other: string, length: number): [string, string] {
  if (Math.max(one.length, other.length) <= length) return [one, other];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same += 1;
  const cut = same - SAME_SHOWN;
  return cut < 2 ? [one, other] : [`…${one.slice(cut)}`, `…${other.slice(cut)}`];
}
