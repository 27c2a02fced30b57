import type { HrTime } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';

import { wallTime } from '../wall-clock.ts';

/** Fields of the SDK's span that its interface does not show. */
interface StartedSpan {
  startTime: HrTime;
  readonly _startTimeProvided?: boolean;
  readonly _performanceStartTime?: number;
}

/**
 * Gives a span that has just started its time to the microsecond.
 *
 * The SDK takes the start from the wall clock, in whole milliseconds, and adds a precise duration: a child that
 * started 0.9 ms after its parent may seem to start with it and to outlast it. A start that the caller gave stays,
 * and so does everything where another version of the SDK keeps its clock otherwise.
 */
export function preciseStart(span: Span): void {
  const started = span as unknown as StartedSpan;
  const { _performanceStartTime: monotonic } = started;
  if (started._startTimeProvided !== false || monotonic === undefined) return;
  const millis = wallTime(monotonic);
  const seconds = Math.floor(millis / 1000);
  started.startTime = [seconds, Math.round((millis - seconds * 1000) * 1e6)];
}
