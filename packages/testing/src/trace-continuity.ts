import type { SpanRecord } from '@org/tracing-core';

import { checkedSpans } from './checked-trace.ts';
import { checkContinuityOptions, continuityFaults, type ContinuityOptions } from './continuity-faults.ts';
import { drawTraces } from './trace-drawing.ts';
import { faultsMessage } from './trace-faults.ts';
import type { Verdict } from './verdict.ts';

/**
 * Whether spans are one continuous trace: one trace id, one root, no id twice, every parent there, and every span within
 * its parent's time.
 *
 * @throws {TypeError} For what are no spans, and for options that cannot be. Spans of two traces are some, which are not
 *   continuous.
 */
export function isContinuous(received: readonly SpanRecord[], options: ContinuityOptions = {}): Verdict {
  const spans = checkedSpans(received);
  checkContinuityOptions(options);
  const faults = continuityFaults(spans, options);
  return {
    holds: faults.length === 0,
    message: () =>
      faults.length === 0
        ? `expected a trace that is not continuous\n\n${drawTraces(spans)}`
        : faultsMessage('expected one continuous trace', spans, faults),
  };
}
