import { buildTraceTree, type SpanRecord } from '@org/tracing-core';

import { checkedExpectation } from './checked-expectation.ts';
import { checkedTrace } from './checked-trace.ts';
import { differenceLines } from './difference-text.ts';
import { type ExpectedSpan, treeMatching } from './expected-trace.ts';
import { failureLook } from './failure-look.ts';
import { drawMerged } from './merged-tree.ts';
import { align, countNodes } from './trace-alignment.ts';
import { drawTraces } from './trace-drawing.ts';
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
      if (twins > 0) differences.push({ text: `${counted(twins, 'span')} with the span id of another` });
      const look = failureLook();
      return [
        `expected the trace tree to match; ${counted(differences.length, 'difference')}:`,
        ...differences
          .slice(0, DIFFERENCES_AT_MOST)
          .flatMap(({ text, value }) => (value ? differenceLines(text, value, look.width) : [`  ${text}`])),
        ...(differences.length > DIFFERENCES_AT_MOST
          ? [`  … ${differences.length - DIFFERENCES_AT_MOST} more`]
          : []),
        '',
        drawBeside(tree, alignment, look) ?? drawMerged(tree, alignment, look),
      ].join('\n');
    },
  };
}
