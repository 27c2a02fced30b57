import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import { type ExceptionLog, recordException } from '@org/tracing-core';

/** The parts of an error that a span is told; pg's own carry the server's SQLSTATE as `code`. */
interface QueryError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly stack?: unknown;
  /** Sent by the server with each of its errors, and by nobody else. */
  readonly severity?: unknown;
}

/**
 * Classes of SQLSTATE whose messages quote names (tables, columns, roles), never values. A syntax error, though of
 * class 42, quotes whatever stands there.
 */
const QUOTING_NAMES = /^(?!42601)(?:08|0A|23|25|26|28|34|3D|3F|40|42|53|54|55|57|58)/;

/** From the first quotation mark to the last, of any language that the server may speak. */
const QUOTED = /["'`«»„“”‚‘’「」].*["'`«»„“”‚‘’「」]/s;

/** Semantic conventions, docs/db/database-exceptions.md. */
const AS_LOG: ExceptionLog = { eventName: 'db.client.operation.exception', severity: 'WARN' };

/** `error.type`: SQLSTATE, or the error's code or name; and SQLSTATE as what the server answered. */
export function errorAttributes(thrown: unknown): Attributes {
  const { name, code, isOfServer } = read(thrown);
  return { 'error.type': code ?? name, ...(isOfServer && { 'db.response.status_code': code }) };
}

/** Records a failure: `error.type`, SQLSTATE, status and one exception event, without values of the query. */
export function recordQueryError(span: Span, thrown: unknown): void {
  const { error, name, code, isOfServer } = read(thrown);
  span.setAttributes(errorAttributes(thrown));

  let message = typeof error.message === 'string' ? error.message : String(error.message ?? '');
  if (isOfServer && !QUOTING_NAMES.test(code ?? '')) message = message.replace(QUOTED, '"?"');
  const exception = { name, message, ...(code && { code }), ...framesOf(error, name, message) };
  recordException(span, exception, undefined, AS_LOG);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

function read(thrown: unknown): {
  error: QueryError;
  name: string;
  code: string | undefined;
  isOfServer: boolean;
} {
  const error: QueryError = typeof thrown === 'object' && thrown !== null ? thrown : { message: thrown };
  const name = typeof error.name === 'string' ? error.name : 'Error';
  const code = typeof error.code === 'string' && error.code !== '' ? error.code : undefined;
  return { error, name, code, isOfServer: code !== undefined && error.severity !== undefined };
}

/** A stack begins with the message as it was. */
function framesOf({ stack }: QueryError, name: string, message: string): { stack: string } | undefined {
  if (typeof stack !== 'string') return undefined;
  const frames = stack.indexOf('\n    at ');
  return { stack: `${name}: ${message}${frames === -1 ? '' : stack.slice(frames)}` };
}
