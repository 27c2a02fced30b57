import { AssertionError } from 'node:assert';

import type { SpanRecord } from '@org/tracing-core';

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

/**
 * Asserts that the spans are one trace with one root, every parent there, and no span outside of its parent's time.
 *
 * @throws {AssertionError} When they are not; the message says why and draws them.
 * @throws {TypeError} For what are no spans, and for options that cannot be.
 */
export function assertContinuous(trace: readonly SpanRecord[], options?: ContinuityOptions): void {
  assertVerdict(isContinuous(trace, options), assertContinuous);
}

/**
 * Asserts that the spans are one request, which is one trace that is entered once, and that each of its hops has exactly one
 * SERVER span: the entry, and each CLIENT span that is answered over HTTP or has spans of another service below it. What a
 * message leads to is no hop of the request.
 *
 * @throws {AssertionError} When it is entered twice, or a hop has none or several; the message says which, and what that
 *   usually comes from.
 * @throws {TypeError} For what is no trace, and for options that cannot be.
 */
export function assertOneServerSpanPerHop(trace: readonly SpanRecord[], options?: HopOptions): void {
  assertVerdict(hasOneServerSpanPerHop(trace, options), assertOneServerSpanPerHop);
}

/**
 * Asserts that the spans are one trace of exactly this tree: every span that is expected and no other, below the right
 * parents.
 *
 * @throws {AssertionError} When they are not; the message shows both trees.
 * @throws {TypeError} For what is no trace, and for an expectation that cannot be one.
 * @example
 * assertTraceTree(trace, {
 *   service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch',
 *   children: [{ kind: 'CLIENT', name: 'POST' }],
 * });
 */
export function assertTraceTree(
  trace: readonly SpanRecord[],
  expected: ExpectedSpan | readonly ExpectedSpan[],
): void {
  assertVerdict(matchesTraceTree(trace, expected), assertTraceTree);
}

/**
 * Asserts that of the log lines, those of the trace's spans have all that are expected, each one of its own.
 *
 * @throws {AssertionError} When one is missing; the message shows the tree with the lines that there are.
 * @throws {TypeError} For what is no trace, what are no log lines, and for an expectation that cannot be one.
 */
export function assertLogs(
  trace: readonly SpanRecord[],
  logs: readonly GivenLog[],
  expected: ExpectedLog | readonly ExpectedLog[],
): void {
  assertVerdict(hasLogs(trace, logs, expected), assertLogs);
}

/**
 * Asserts that of the log lines, those of the trace's spans have none of these: no ERROR, say.
 *
 * @throws {AssertionError} When one is there; the message shows the tree with the lines.
 * @throws {TypeError} As {@link assertLogs}.
 */
export function assertNoLogs(
  trace: readonly SpanRecord[],
  logs: readonly GivenLog[],
  unwanted: ExpectedLog | readonly ExpectedLog[],
): void {
  assertVerdict(hasNoLogs(trace, logs, unwanted), assertNoLogs);
}

/** @param caller What the stack of the error leaves out, so that it begins with the test. */
function assertVerdict({ holds, message }: Verdict, caller: (...all: never[]) => void): void {
  if (holds) return;
  throw new AssertionError({ message: message(), operator: caller.name, stackStartFn: caller });
}
