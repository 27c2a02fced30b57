import { drawTraceTreeBlocks, type TraceTree, type TraceTreeNode } from '@org/tracing-core';

import { LEGEND, markOf, timeless } from './difference-marks.ts';
import type { FailureLook } from './failure-look.ts';
import type { Alignment } from './trace-alignment.ts';
import { excerpt, leftOutText } from './trace-excerpt.ts';

const GUTTER = 2;

/**
 * Draws the expected tree and the received one as one, for where both find no room beside each other: each span once, with
 * what differs beneath it, those that are missing in their places, and a mark before each that is not as expected.
 */
export function drawMerged({ traceId }: TraceTree, { rows }: Alignment, look: FailureLook): string {
  const children = rows.map((): TraceTreeNode[] => []);
  const nodes = rows.map(({ received, expected }, index): TraceTreeNode => {
    const node = timeless(received ?? expected ?? { span: { name: '' } });
    return { ...node, children: children[index] ?? [], notes: received?.notes ?? [] };
  });
  const roots: TraceTreeNode[] = [];
  for (const [index, { parent }] of rows.entries()) {
    const siblings = parent === undefined ? roots : children[parent];
    siblings?.push(nodes[index] as TraceTreeNode);
  }

  const blocks = drawTraceTreeBlocks({ roots }, { ...look, width: look.width - GUTTER });
  const linesOf = new Map(blocks.map(({ node, lines }) => [node, lines]));
  const lines = excerpt(rows).flatMap((part) => {
    if ('leftOut' in part) return [leftOutText(part.leftOut)];
    const mark = markOf(rows[part.row], look.color) || ' ';
    return (linesOf.get(nodes[part.row]) ?? []).map((line, index) => `${index === 0 ? mark : ' '} ${line}`);
  });
  return [...(traceId === undefined ? [] : [`trace ${traceId}`]), LEGEND, ...lines].join('\n');
}
