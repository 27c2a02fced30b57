import type { HrTime } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace-node';

/** Beyond this the clock of the machine has been set, or the machine has slept. */
const MAX_DRIFT_MILLIS = 2;

/** What the monotonic clock counts from, in milliseconds since the Unix epoch. */
let origin = performance.timeOrigin;

/** A moment of the monotonic clock on the wall clock: milliseconds since the Unix epoch, to the microsecond. */
function wallTime(monotonic: number): number {
  // The wall clock shows whole milliseconds, so it is behind by up to one.
  const ahead = origin + monotonic - Date.now();
  if (ahead < -MAX_DRIFT_MILLIS || ahead > 1 + MAX_DRIFT_MILLIS) origin = Date.now() - monotonic;
  return origin + monotonic;
}

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
