import type { SpanRecord } from '@org/tracing-core';
import type { MatcherState } from 'vitest';

import type { ExpectedSpan } from './expected-trace.ts';
import { type ContinuityOptions, continuityFaults } from './trace-continuity.ts';
import { compareTrace } from './trace-difference.ts';
import { drawTraces } from './trace-drawing.ts';

export type { ContinuityOptions, ExpectedSpan };

declare module 'vitest' {
  interface Matchers<T> {
    /**
     * The spans are one trace of exactly this tree: every span that is expected and no other, below the right
     * parents. A failure shows both trees.
     *
     * @example
     * expect(trace).toMatchTraceTree({
     *   service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch',
     *   children: [{ kind: 'CLIENT', name: 'POST' }],
     * });
     */
    toMatchTraceTree(expected: ExpectedSpan | readonly ExpectedSpan[]): T;
    /** The spans are one trace with one root, every parent there, and no span outside of its parent's time. */
    toBeContinuous(options?: ContinuityOptions): T;
  }
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** The matchers, as vitest's `expect.extend` takes them: a type, since an interface has no index signature. */
export type TraceMatchers = {
  toMatchTraceTree(
    this: MatcherState,
    received: readonly SpanRecord[],
    expected: ExpectedSpan | readonly ExpectedSpan[],
  ): MatcherResult;
  toBeContinuous(
    this: MatcherState,
    received: readonly SpanRecord[],
    options?: ContinuityOptions,
  ): MatcherResult;
};

/**
 * Matchers for the spans of a trace.
 *
 * @example
 * expect.extend(traceMatchers);
 */
export const traceMatchers: TraceMatchers = {
  toMatchTraceTree(received, expected) {
    const { matches, explain } = compareTrace(received, [expected].flat(), (a, b) => this.equals(a, b));
    return {
      pass: matches,
      message: () =>
        matches
          ? `expected another trace tree than this one\n\n${drawTraces(received)}`
          : `expected the trace tree to match\n\n${explain()}`,
    };
  },
  toBeContinuous(received, options) {
    const faults = continuityFaults(received, options);
    return {
      pass: faults.length === 0,
      message: () =>
        faults.length === 0
          ? `expected a trace that is not continuous\n\n${drawTraces(received)}`
          : `expected one continuous trace\n\n${faults.join('\n')}\n\n${drawTraces(received)}`,
    };
  },
};
