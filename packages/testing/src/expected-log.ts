import { fitsValue } from './expected-value.ts';
import { levelOf, type TraceLog } from './trace-logs.ts';

/** A log line as a test expects it. What is left out may be anything. */
export interface ExpectedLog {
  /** The whole message, or an expression that finds a part of it. */
  readonly message?: string | RegExp;
  /** `INFO`, in either case. */
  readonly level?: string;
  /** Name of the span that was active when it was written. */
  readonly span?: string;
  /** `service.name` of that span. */
  readonly service?: string;
  /**
   * The fields named here have to be there, and of objects among them the keys named; others may be. Regular expressions
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
