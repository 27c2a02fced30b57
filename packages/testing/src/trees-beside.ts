import { stripVTControlCharacters } from 'node:util';

import {
  drawTraceTreeBlocks,
  textColumns,
  type TraceTree,
  type TraceTreeBlock,
  type TraceTreeNode,
} from '@org/tracing-core';

import type { FailureLook } from './failure-look.ts';
import { markOf, timeless } from './difference-marks.ts';
import type { Alignment } from './trace-alignment.ts';
import { excerpt, leftOutText } from './trace-excerpt.ts';
import { mapTree } from './tree-walk.ts';

/** Wide enough for any line of a span that fits beside another: names are cut nowhere. */
const BOUNDLESS = 1000;
const GUTTER = 3;

interface Half {
  readonly width: number;
  linesOf(node: TraceTreeNode | undefined): readonly string[];
}

/**
 * Draws the expected tree and the received one side by side, what belongs together in one line. Between them stands
 * `≠` where a span differs, `+` at one that is not expected, and `-` at one that is missing.
 *
 * @returns Undefined where they are too wide for that.
 */
export function drawBeside(
  { traceId }: TraceTree,
  { expected, received, rows }: Alignment,
  look: FailureLook,
): string | undefined {
  const left = halfOf(expected, look.color);
  const right = halfOf(received, look.color);
  if (left.width + GUTTER + right.width > look.width) return undefined;

  const beside = (one: string, mark: string, other: string): string =>
    `${one}${' '.repeat(left.width - width(one))} ${mark} ${other}`.trimEnd();
  const lines = excerpt(rows).flatMap((part) => {
    if ('leftOut' in part) return [leftOutText(part.leftOut)];
    const row = rows[part.row];
    const [ones, others] = [left.linesOf(row?.expected), right.linesOf(row?.received)];
    return Array.from({ length: Math.max(ones.length, others.length) }, (_, index) =>
      beside(ones[index] ?? '', index === 0 ? markOf(row, look.color) || '│' : '│', others[index] ?? ''),
    );
  });
  return [
    ...(traceId === undefined ? [] : [`trace ${traceId}`]),
    beside('Expected', '│', 'Received'),
    ...lines,
  ].join('\n');
}

/** A half without notes: the gutter shows where to look. */
function halfOf(roots: readonly TraceTreeNode[], color: boolean): Half {
  const given = new Map<TraceTreeNode, TraceTreeNode>();
  const plain = (node: TraceTreeNode, children: TraceTreeNode[]): TraceTreeNode => {
    const drawn = { ...timeless(node), children };
    given.set(drawn, node);
    return drawn;
  };
  const blocks = drawTraceTreeBlocks({ roots: mapTree(roots, plain) }, { width: BOUNDLESS, color });
  const lines = new Map(blocks.map(({ node, lines: drawn }) => [node && given.get(node), drawn]));
  return {
    width: Math.max(textColumns('Expected'), ...blocks.flatMap(widths)),
    linesOf: (node) => (node && lines.get(node)) ?? [],
  };
}

function widths({ lines }: TraceTreeBlock): number[] {
  return lines.map(width);
}

function width(line: string): number {
  return textColumns(stripVTControlCharacters(line));
}
