import type { SpanRecord } from '@org/tracing-core';

import { checkKeys, checkMillis, checkValue } from './checked-options.ts';
import { drawTraces, groupByTrace } from './trace-drawing.ts';
import { checkWantedTrace, describeWanted, findWholeTrace, type WantedTrace } from './whole-trace.ts';

const DEFAULT_TIMEOUT_MILLIS = 10_000;

/** The limit of one wait. */
export interface WaitOptions {
  /** The wait fails after this many milliseconds. Default: 10 000. */
  readonly timeoutMillis?: number;
}

/** The spans that have arrived, and waiting for more by event. */
export interface CollectedSpans {
  /** Every span in the order of arrival. The array is live. */
  readonly spans: readonly SpanRecord[];
  /** The spans by trace, traces in the order of their first arrival. */
  traces(): SpanRecord[][];
  /**
   * Resolves with the spans of a trace, by start time, as soon as the trace is whole: it has a root, the
   * parent of every span is there, and what `wanted` says holds.
   *
   * @throws Error at the time limit, as soon as the trace has too many spans, and when collecting stops; the
   *   message draws what did arrive.
   * @throws {TypeError} For an option that is not known, and for a value that cannot be one.
   */
  waitForTrace(wanted?: WantedTrace & WaitOptions): Promise<SpanRecord[]>;
  /**
   * Resolves with every span so far, as soon as there are `wanted` of them or `wanted` returns true.
   *
   * @throws Error at the time limit and when collecting stops; the message draws what did arrive.
   * @throws {TypeError} As {@link waitForTrace}.
   */
  waitForSpans(
    wanted: number | ((spans: readonly SpanRecord[]) => boolean),
    options?: WaitOptions,
  ): Promise<SpanRecord[]>;
  /** Forgets the spans that have arrived. */
  reset(): void;
}

/** What a source of spans works with. */
export interface SpanCollection {
  /** The side that is read. */
  readonly collected: CollectedSpans;
  add(spans: readonly SpanRecord[]): void;
  /** Waits until `attempt`, asked after each arrival, returns a result. It throws for "never". */
  wait<T>(what: () => string, attempt: () => T | undefined, options: WaitOptions): Promise<T>;
  /** Fails the waits under way and all later ones. */
  stop(reason: string): void;
}

interface Waiter {
  check(): void;
  fail(reason: string): void;
}

/** An empty collection. */
export function spanCollection(): SpanCollection {
  const spans: SpanRecord[] = [];
  const waiters = new Set<Waiter>();
  let stopped: string | undefined;

  function wait<T>(
    what: () => string,
    attempt: () => T | undefined,
    { timeoutMillis = DEFAULT_TIMEOUT_MILLIS }: WaitOptions,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(`Waited ${timeoutMillis} ms for ${what()}.`), timeoutMillis);
      const waiter: Waiter = {
        check: attemptNow,
        fail: (reason) => fail(`${reason} while waiting for ${what()}.`),
      };
      waiters.add(waiter);
      if (stopped === undefined) attemptNow();
      else waiter.fail(stopped);

      function attemptNow(): void {
        try {
          const result = attempt();
          if (result !== undefined) settle(() => resolve(result));
        } catch (error) {
          fail(error instanceof Error ? error.message : String(error));
        }
      }
      function fail(reason: string): void {
        settle(() => reject(new Error(`${reason}\n\n${drawTraces(spans)}`)));
      }
      function settle(outcome: () => void): void {
        waiters.delete(waiter);
        clearTimeout(timer);
        outcome();
      }
    });
  }

  const traces = (): SpanRecord[][] => groupByTrace(spans);

  const collected: CollectedSpans = {
    spans,
    traces,
    async waitForTrace(wanted = {}) {
      checkWantedTrace(wanted);
      return wait(
        () => describeWanted(wanted),
        () => findWholeTrace(traces(), wanted),
        wanted,
      );
    },
    async waitForSpans(wanted, options = {}) {
      const isCount = Number.isInteger(wanted) && Number(wanted) >= 0;
      const holdsFor = 'a number of spans, or a function';
      checkValue('waitForSpans', wanted, isCount || typeof wanted === 'function', holdsFor);
      checkKeys('waitForSpans', options, ['timeoutMillis']);
      checkMillis('waitForSpans: timeoutMillis', options.timeoutMillis);
      const holds = typeof wanted === 'number' ? () => spans.length >= wanted : wanted;
      const what = () => (typeof wanted === 'number' ? `${wanted} spans` : 'spans that satisfy a condition');
      return wait(what, () => (holds(spans) ? [...spans] : undefined), options);
    },
    reset() {
      spans.length = 0;
    },
  };
  return {
    collected,
    add(arrived) {
      for (const span of arrived) spans.push(span);
      for (const waiter of waiters) waiter.check();
    },
    wait,
    stop(reason) {
      stopped = reason;
      for (const waiter of waiters) waiter.fail(reason);
    },
  };
}
