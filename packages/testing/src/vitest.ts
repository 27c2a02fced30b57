import type { SpanRecord } from '@org/tracing-core';
import type { MatcherState } from 'vitest';

import type { ContinuityOptions } from './continuity-faults.ts';
import type { ExpectedLog } from './expected-log.ts';
import { hasLogs, hasNoLogs } from './logs-of-trace.ts';
import type { ExpectedSpan } from './expected-trace.ts';
import { hasOneServerSpanPerHop, type HopOptions } from './server-hops.ts';
import { isContinuous } from './trace-continuity.ts';
import { matchesTraceTree } from './trace-difference.ts';
import type { GivenLog } from './trace-logs.ts';
import type { Verdict } from './verdict.ts';

export type { ContinuityOptions, ExpectedLog, ExpectedSpan, GivenLog, HopOptions };

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
    /**
     * The spans are one request, which is one trace that is entered once, and each of its hops has exactly one SERVER span:
     * the entry, and each CLIENT span that is answered over HTTP or has spans of another service below it. A failure says
     * which has none or several, and what that usually comes from.
     */
    toHaveOneServerSpanPerHop(options?: HopOptions): T;
    /**
     * Of the log lines, those of the trace's spans have all that are expected, each one of its own; with `.not` they have
     * none of them. A failure shows the tree with the lines that there are. A level that there is none of is a `TypeError`.
     *
     * @example
     * expect(trace).toHaveLogs([...a.logs, ...b.logs], [
     *   { level: 'INFO', message: /2 of anvil/, span: 'POST /dispatch' },
     * ]);
     */
    toHaveLogs(logs: readonly GivenLog[], expected: ExpectedLog | readonly ExpectedLog[]): T;
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
  toHaveOneServerSpanPerHop(
    this: MatcherState,
    received: readonly SpanRecord[],
    options?: HopOptions,
  ): MatcherResult;
  toHaveLogs(
    this: MatcherState,
    received: readonly SpanRecord[],
    logs: readonly GivenLog[],
    expected: ExpectedLog | readonly ExpectedLog[],
  ): MatcherResult;
};

/**
 * Matchers for the spans of a trace. Each throws a `TypeError` for what is no trace and for what is misspelt, also after
 * `.not`.
 *
 * @example
 * expect.extend(traceMatchers);
 */
export const traceMatchers: TraceMatchers = {
  toMatchTraceTree: (received, expected) => result(matchesTraceTree(received, expected)),
  toBeContinuous: (received, options) => result(isContinuous(received, options)),
  toHaveOneServerSpanPerHop: (received, options) => result(hasOneServerSpanPerHop(received, options)),
  toHaveLogs(received, logs, expected) {
    if (!this.isNot) return result(hasLogs(received, logs, expected));
    const { holds, message } = hasNoLogs(received, logs, expected);
    return { pass: !holds, message };
  },
};

function result({ holds, message }: Verdict): MatcherResult {
  return { pass: holds, message };
}
