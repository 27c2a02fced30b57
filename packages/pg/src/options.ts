import type { Span, TextMapPropagator } from '@opentelemetry/api';

/** What a query is and where it goes, for a hook. */
export interface PgRequest {
  readonly query: {
    /** Undefined where pg was given no text. */
    readonly text: string | undefined;
    /** Name of the prepared statement. */
    readonly name: string | undefined;
    readonly values: readonly unknown[] | undefined;
  };
  readonly connection: {
    readonly host: string | undefined;
    readonly port: number | undefined;
    readonly database: string | undefined;
    readonly user: string | undefined;
  };
}

/** What a query gave, for a hook. */
export interface PgResponse {
  /** pg's result; an array of results where the text held several statements. */
  readonly data: unknown;
}

/** Bounds of the recorded parameter values. */
export interface ParameterValueLimits {
  /** Most values of one query. Default: 32. */
  readonly maxCount?: number;
  /** Most characters of one value. Default: 256. */
  readonly maxLength?: number;
}

/** How the trace is written into queries. */
export interface SqlCommentOptions {
  /** Writes the pairs of the comment. Default: the global propagator. */
  readonly propagator?: TextMapPropagator;
}

/** Options of {@link tracePg}. */
export interface PgTracingOptions {
  /** Whether a query outside of any span makes none. Default: true. */
  readonly requireParent?: boolean;
  /** Whether `db.query.text` is recorded: literals in it are left out unless it has parameters. Default: true. */
  readonly queryText?: boolean;
  /** Whether parameter values are recorded, as `db.query.parameter.<index>`. Default: false. */
  readonly parameterValues?: boolean | ParameterValueLimits;
  /** Whether connecting and waiting for a pool's client make spans: `pg.connect`, `pg-pool.connect`. Default: false. */
  readonly connectSpans?: boolean;
  /**
   * Whether a recorded query is sent with its span in a comment at its end, for the server's own tracing and logs:
   * `/*traceparent='…'*\/`. Prepared statements and texts with a comment of their own are sent as they are. Baggage
   * is left out. Default: false.
   */
  readonly sqlComments?: boolean | SqlCommentOptions;
  /**
   * Whether `application_name` is set to the `traceparent` of each recorded query, and back for any other, by a
   * statement sent before it: one more round trip a query. Default: false.
   */
  readonly applicationName?: boolean;
  /** Called when the span of a query has begun. What it throws is logged, nothing more. */
  readonly requestHook?: (span: Span, request: PgRequest) => void;
  /** Called with the result of a query, but for cursors, streams and `new pg.Query`. What it throws is logged. */
  readonly responseHook?: (span: Span, response: PgResponse) => void;
}

/** The options with their defaults. */
export interface PgSettings {
  readonly requireParent: boolean;
  readonly queryText: boolean;
  readonly connectSpans: boolean;
  readonly applicationName: boolean;
  /** False where no comments are wanted. */
  readonly sqlComments: SqlCommentOptions | false;
  /** False where none are recorded. */
  readonly parameterValues: Required<ParameterValueLimits> | false;
  readonly requestHook: PgTracingOptions['requestHook'];
  readonly responseHook: PgTracingOptions['responseHook'];
}

/** Settings that hold until the tracing is undone. */
export interface PgTracing extends PgSettings {
  readonly on: boolean;
}

/** @throws TypeError that names the option, what it takes, and what it got. */
export function readOptions(options: PgTracingOptions): PgSettings {
  check('options', options, typeof options === 'object' && options !== null, 'an object');
  const { requireParent = true, queryText = true, connectSpans = false, applicationName = false } = options;
  const switches = { requireParent, queryText, connectSpans, applicationName };
  for (const [name, value] of Object.entries(switches)) {
    check(name, value, typeof value === 'boolean', 'a boolean');
  }
  const { requestHook, responseHook } = options;
  for (const [name, value] of Object.entries({ requestHook, responseHook })) {
    check(name, value, value === undefined || typeof value === 'function', 'a function');
  }
  const parameterValues = readLimits(options.parameterValues);
  const sqlComments = readComments(options.sqlComments);
  return { ...switches, sqlComments, parameterValues, requestHook, responseHook };
}

function readComments(value: boolean | SqlCommentOptions = false): SqlCommentOptions | false {
  if (value === false) return false;
  const comments = value === true ? {} : value;
  const isObject = typeof comments === 'object' && comments !== null;
  check('sqlComments', value, isObject, 'a boolean or { propagator }');
  const { propagator } = comments;
  const isPropagator = propagator === undefined || typeof propagator?.inject === 'function';
  check('sqlComments.propagator', propagator, isPropagator, 'a propagator');
  return comments;
}

function readLimits(value: boolean | ParameterValueLimits = false): Required<ParameterValueLimits> | false {
  if (value === false) return false;
  const limits = value === true ? {} : value;
  check('parameterValues', value, typeof limits === 'object' && limits !== null, 'a boolean or limits');
  const { maxCount = 32, maxLength = 256 } = limits;
  for (const [name, limit] of Object.entries({ maxCount, maxLength })) {
    const isLimit = Number.isInteger(limit) && limit > 0;
    check(`parameterValues.${name}`, limit, isLimit, 'a positive integer');
  }
  return { maxCount, maxLength };
}

function check(name: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) throw new TypeError(`${name}: expected ${expected}; got ${String(value)} (${typeof value})`);
}
