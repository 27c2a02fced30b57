import type { TraceTreeNode } from '@org/tracing-core';

import type { AlignedRow } from './trace-alignment.ts';

/** What the marks of a drawing mean. */
export const LEGEND = '≠ differs   - missing   + not expected';

const MARKS = { '≠': 33, '-': 31, '+': 32 } as const;

/** `≠` where a span differs, `-` at one that is missing, `+` at one that is not expected; else empty. */
export function markOf(row: AlignedRow | undefined, color: boolean): string {
  const mark = plainMark(row);
  return mark === '' || !color ? mark : `\u001b[${MARKS[mark]}m${mark}\u001b[39m`;
}

function plainMark(row: AlignedRow | undefined): keyof typeof MARKS | '' {
  if (!row?.received) return '-';
  if (!row.expected) return '+';
  return row.marked ? '≠' : '';
}

/** A span without times, of which expected ones have none, and without links and notes. */
export function timeless({ span, orphan }: TraceTreeNode): TraceTreeNode {
  const { startTimeUnixNano: _start, endTimeUnixNano: _end, links: _links, ...rest } = span;
  return { span: rest, ...(orphan && { orphan }) };
}
