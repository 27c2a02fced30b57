import { types } from 'node:util';

import { exceptionType } from './exception.ts';

/** Whether a logged value is an error, of this realm or another (vm contexts, Jest). Never throws. */
export function isError(value: unknown): value is Error {
  // A proxy's traps may throw when it is asked for its prototype.
  return attempt(() => types.isNativeError(value) || value instanceof Error) ?? false;
}

/** The message of a logged error; empty where there is none. Never throws. */
export function errorMessage(error: Error): string {
  return attempt(() => String(error.message ?? '')) ?? '';
}

/** `TypeError: fetch failed`. Never throws. */
export function errorSummary(error: Error): string {
  return `${errorType(error)}: ${errorMessage(error)}`;
}

/**
 * What a log line tells of an error. Each part is read on its own, since any may be a getter that throws.
 *
 * `code` is Node's and PostgreSQL's, `cause` and `errors` the errors behind this one. Other properties stay
 * out: HTTP clients hang whole requests, with their secrets, on what they throw.
 */
export function describeError(error: Error): Readonly<Record<string, unknown>> {
  const code: unknown = attempt(() => (error as { code?: unknown }).code);
  return {
    type: errorType(error),
    message: errorMessage(error),
    stack: attempt(() => String(error.stack ?? '')) ?? '',
    code: typeof code === 'string' || typeof code === 'number' ? code : undefined,
    cause: attempt(() => error.cause),
    errors: attempt(() => (error as { errors?: unknown }).errors),
  };
}

function errorType(error: Error): string {
  return attempt(() => String(exceptionType(error))) ?? 'Error';
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
