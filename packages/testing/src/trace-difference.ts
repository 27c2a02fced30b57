import { buildTraceTree, drawTraceTreeBlocks, type SpanRecord, type TraceTree } from '@org/tracing-core';

import { checkedExpectation } from './checked-expectation.ts';
import { checkedTrace } from './checked-trace.ts';
import { type ExpectedSpan, treeMatching } from './expected-trace.ts';
import { type FailureLook, failureLook } from './failure-look.ts';
import { type Alignment, align, countNodes } from './trace-alignment.ts';
import { drawTraces } from './trace-drawing.ts';
import { excerpt, leftOutText } from './trace-excerpt.ts';
import { drawBeside } from './trees-beside.ts';
import { counted, type Verdict } from './verdict.ts';

const DIFFERENCES_AT_MOST = 20;

/**
 * Compares the tree of one trace with the expected one: names, services, kinds, status and attributes as far
 * as they are given, and exactly the spans that are expected.
 *
 * @throws {TypeError} For what is no trace, and for an expectation that cannot be one.
 */
export function matchesTraceTree(
  received: readonly SpanRecord[],
  expected: ExpectedSpan | readonly ExpectedSpan[],
): Verdict {
  const spans = checkedTrace(received);
  const wanted = checkedExpectation(expected);
  const tree = buildTraceTree(spans);
  // A tree has one span of each id.
  const twins = spans.length - countNodes(tree.roots);
  const matching = treeMatching();
  const holds = twins === 0 && matching.forest(tree.roots, wanted);
  return {
    holds,
    message() {
      if (holds) return `expected another trace tree than this one\n\n${drawTraces(spans)}`;
      const alignment = align(tree.roots, wanted, matching);
      const differences = [...alignment.differences];
      if (twins > 0) differences.push(`${counted(twins, 'span')} with the span id of another`);
      const look = failureLook();
      return [
        `expected the trace tree to match; ${counted(differences.length, 'difference')}:`,
        ...differences.slice(0, DIFFERENCES_AT_MOST).map((difference) => `  ${difference}`),
        ...(differences.length > DIFFERENCES_AT_MOST
          ? [`  … ${differences.length - DIFFERENCES_AT_MOST} more`]
          : []),
        '',
        drawBeside(tree, alignment, look) ?? drawBelow(tree, alignment, look),
      ].join('\n');
    },
  };
}

/** One tree below the other, with notes beneath the spans that differ. */
function drawBelow({ traceId }: TraceTree, alignment: Alignment, look: FailureLook): string {
  const { expected, received, rows } = alignment;
  const half = (side: 'expected' | 'received', tree: TraceTree): string => {
    const blocks = drawTraceTreeBlocks(tree, look);
    const linesOf = new Map(blocks.map(({ node, lines }) => [node, lines]));
    const own = rows.filter((row) => row[side]);
    // A span that is in this tree has its ancestors in it.
    const places = new Map(own.map((row, index) => [row, index]));
    const shown = excerpt(
      own.map((row) => ({
        parent: row.parent === undefined ? undefined : places.get(rows[row.parent] ?? row),
        marked: row.marked || (side === 'received' && (row.received?.notes ?? []).length > 0),
      })),
    );
    return [
      ...(linesOf.get(undefined) ?? []),
      ...shown.flatMap((part) =>
        'row' in part ? (linesOf.get(own[part.row]?.[side]) ?? []) : [leftOutText(part.leftOut)],
      ),
    ].join('\n');
  };
  return [
    'Expected:',
    half('expected', { roots: expected }),
    '',
    'Received:',
    half('received', { ...(traceId !== undefined && { traceId }), roots: received }),
  ].join('\n');
}
