import { fitsValue, shownName, shownValue } from './expected-value.ts';
import { levelOf } from './log-level.ts';
import type { TraceLog } from './trace-logs.ts';

/**
 * A log line as a test expects it, whatever its logger calls the parts. What is left out may be anything.
 *
 * Lines of core's `configureLogging` (loglevel and the console), pino, winston, Elastic and Google Cloud are known.
 */
export interface ExpectedLog {
  /** The whole message (`message`, `msg`), or an expression that finds a part of it. */
  readonly message?: string | RegExp;
  /**
   * `INFO`, in either case: TRACE, DEBUG, INFO, WARN, ERROR and FATAL, those of winston, syslog and Google Cloud besides, and
   * WARNING, which is WARN. A level of your own is looked for in `fields`, as it was written.
   */
  readonly level?: string;
  /** Name of the span that was active when it was written. */
  readonly span?: string;
  /** `service.name` of that span. */
  readonly service?: string;
  /**
   * The fields named here have to be there, as they were written (of OTLP, the attributes), and of objects among them the keys named; others may be. Regular expressions
   * and asymmetric matchers may stand in.
   */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Whether a line is one that is expected. */
export function fitsLog(line: TraceLog, { span, service, ...said }: ExpectedLog): boolean {
  return (
    (span === undefined || fitsValue(line.span?.name, span)) &&
    (service === undefined || fitsValue(line.span?.serviceName, service)) &&
    saysSame(line, said)
  );
}

/** The same, wherever it was written. */
export function saysSame(line: TraceLog, { message, level, fields }: ExpectedLog): boolean {
  return (
    (message === undefined || fitsValue(line.message, message)) &&
    (level === undefined || line.level === levelOf(level)) &&
    (fields === undefined || fitsValue(line.fields, fields))
  );
}

/** In what the first line with the expected message is not as expected, in words; undefined without one. */
export function differences(
  lines: readonly TraceLog[],
  { message, level, fields = {} }: ExpectedLog,
): string | undefined {
  const said = message !== undefined && lines.find((line) => fitsValue(line.message, message));
  if (!said) return undefined;
  return [
    ...(level === undefined || said.level === levelOf(level) ? [] : [`the level ${said.level || 'none'}`]),
    ...Object.entries(fields)
      .filter(([key, value]) => !fitsValue(said.fields[key], value))
      .map(([key]) => `${key}: ${shownValue(said.fields[key])}`),
  ].join(', ');
}

/** An expected line in a sentence: `ERROR "order refused" below "POST /command" (commander)`. */
export function shownLog({ message, level, span, service, fields }: ExpectedLog): string {
  return [
    level === undefined ? 'a line' : levelOf(level),
    ...(message === undefined ? [] : [shownValue(message)]),
    ...(fields === undefined ? [] : [`with ${shownValue(fields)}`]),
    ...(span === undefined ? [] : [`below ${shownValue(span)}`]),
    ...(service === undefined
      ? []
      : [span === undefined ? `of ${shownName(service)}` : `(${shownName(service)})`]),
  ].join(' ');
}
