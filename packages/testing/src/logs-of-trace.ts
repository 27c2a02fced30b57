import type { SpanRecord, TreeLogLine } from '@org/tracing-core';

import { unassigned } from './assignment.ts';
import { checkedTrace } from './checked-trace.ts';
import { checkedExpectedLogs } from './checked-expected-log.ts';
import { deeply } from './deep-call.ts';
import { differences, type ExpectedLog, fitsLog, saysSame, shownLog } from './expected-log.ts';
import { fitsValue, shownName, shownValue } from './expected-value.ts';
import { failureLook } from './failure-look.ts';
import { named } from './trace-alignment.ts';
import { drawTraces } from './trace-drawing.ts';
import { type GivenLog, type TraceLog, traceLogs } from './trace-logs.ts';
import { counted, type Verdict } from './verdict.ts';
import { wrapped } from './wrapped-text.ts';

const FOUND_AT_MOST = 3;

/**
 * Whether the log lines of a trace's spans have all that are expected, each one of its own.
 *
 * @throws {TypeError} For what is no trace, what are no log lines, and for an expectation that cannot be one.
 */
export function hasLogs(
  received: readonly SpanRecord[],
  given: readonly GivenLog[],
  expected: ExpectedLog | readonly ExpectedLog[],
): Verdict {
  const { spans, logs, wanted } = checked(received, given, expected);
  const own = logs.filter(({ span }) => span);
  const { width } = failureLook();
  const missing = deeply(unassigned(wanted, own, (log, line) => fitsLog(line, log)));
  return {
    holds: missing.length === 0,
    message: () =>
      [
        `expected ${counted(wanted.length, 'log line')} in the trace; missing:`,
        ...missing.flatMap((log) => [
          `  ${shownLog(log)}`,
          ...nearMiss(log, logs, own, spans).map((hint) => wrapped(hint, '    ', width)),
        ]),
        '',
        drawn(spans, logs, missing),
      ].join('\n'),
  };
}

/**
 * Whether the trace's log lines have none of those that are named.
 *
 * @throws {TypeError} As {@link hasLogs}.
 */
export function hasNoLogs(
  received: readonly SpanRecord[],
  given: readonly GivenLog[],
  unwanted: ExpectedLog | readonly ExpectedLog[],
): Verdict {
  const { spans, logs, wanted } = checked(received, given, unwanted);
  const own = logs.filter(({ span }) => span);
  const found = wanted.filter((log) => own.some((line) => fitsLog(line, log)));
  return {
    holds: found.length === 0,
    message: () =>
      [
        'expected no such log line in the trace, and found:',
        ...found.flatMap((log) => [
          `  ${shownLog(log)}`,
          ...foundLines(own.filter((line) => fitsLog(line, log))),
        ]),
        '',
        drawn(spans, logs),
      ].join('\n'),
  };
}

function foundLines(lines: readonly TraceLog[]): string[] {
  const shown = lines.slice(0, FOUND_AT_MOST).map(({ level, message, span }) => {
    const said = shownLog({ ...(level !== '' && { level }), message });
    return `    ${said}${span ? ` below ${named(span)}` : ''}`;
  });
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `    … ${counted(more, 'more line')}`] : shown;
}

function checked(
  received: readonly SpanRecord[],
  given: readonly GivenLog[],
  expected: ExpectedLog | readonly ExpectedLog[],
): { spans: readonly SpanRecord[]; logs: TraceLog[]; wanted: readonly ExpectedLog[] } {
  const spans = checkedTrace(received);
  const wanted = checkedExpectedLogs(expected);
  return { spans, logs: traceLogs(given, spans), wanted };
}

/** Where a line that says what is expected is instead, or why there can be none. */
function nearMiss(
  expected: ExpectedLog,
  logs: readonly TraceLog[],
  own: readonly TraceLog[],
  spans: readonly SpanRecord[],
): string[] {
  const { length } = logs.filter((line) => fitsLog(line, expected));
  if (length > 0 && own.some((line) => fitsLog(line, expected))) {
    return [`${counted(length, 'line')} like it, and more are expected`];
  }
  const absent = absentSpan(expected, spans);
  if (absent !== undefined) return [absent];
  const alike = logs.find((line) => saysSame(line, expected));
  if (alike) return [`a line that says so ${whereabouts(alike)}`];
  const found = differences(logs, expected);
  if (found !== undefined) return [`a line with this message has ${found}`];
  return own.length === 0 ? [`of the lines that are given (${logs.length}), none is of this trace`] : [];
}

/** That the trace has no span as it is named. */
function absentSpan({ span, service }: ExpectedLog, spans: readonly SpanRecord[]): string | undefined {
  const services = [...new Set(spans.map(({ serviceName }) => serviceName))];
  if (service !== undefined && !services.some((each) => fitsValue(each, service))) {
    return `the trace has no span of ${shownName(service)}; its services are ${services.join(', ')}`;
  }
  if (span === undefined || spans.some(({ name }) => fitsValue(name, span))) return undefined;
  return `the trace has no span ${shownValue(span)}`;
}

function whereabouts({ span, traceId, spanId }: TraceLog): string {
  if (span) return `is below ${named(span)}`;
  if (/^0*$/.test(traceId)) {
    return 'has no trace id: it was written outside of any span, or its logger is not set up (`configureLogging`)';
  }
  if (/^0*$/.test(spanId)) return 'has no span id';
  return `belongs to span ${spanId} of trace ${traceId}, which is not here`;
}

/** The trace with the lines that there are, and a note where one is missing. */
function drawn(
  spans: readonly SpanRecord[],
  logs: readonly TraceLog[],
  missing: readonly ExpectedLog[] = [],
): string {
  const notes = new Map<string, string[]>();
  for (const { spanId, name, serviceName } of spans) {
    const here = missing.filter(
      ({ span, service }) =>
        (span ?? service) !== undefined &&
        (span === undefined || fitsValue(name, span)) &&
        (service === undefined || fitsValue(serviceName, service)),
    );
    if (here.length > 0) {
      notes.set(
        spanId,
        here.map(({ span: _span, service: _service, ...said }) => `missing: ${shownLog(said)}`),
      );
    }
  }
  const traceId = spans[0]?.traceId;
  const lines = logs
    .filter((log) => log.traceId === traceId)
    .map(({ spanId, level, message }): TreeLogLine => ({
      traceId: traceId ?? '',
      spanId,
      ...(level !== '' && { level }),
      message,
    }));
  return drawTraces(spans, { notes, logs: lines });
}
