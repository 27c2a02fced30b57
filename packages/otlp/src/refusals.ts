import type { OtlpPartialSuccess } from './otlp-answer.ts';
import { OtlpRequestError } from './otlp-request-error.ts';

/** Why a span or log record is not taken. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
}

/** What is not taken of a request. */
export interface Refusals {
  /** Counts records that are refused for the error's reason. @throws the error, where it is no RecordRefusal. */
  add(error: unknown, records?: number): void;
  /** For the answer; undefined where all was taken. */
  summary(): OtlpPartialSuccess | undefined;
}

// A client writes the message to its log.
const REASONS_TOLD = 3;
const REASON_LENGTH = 500;

/** @param what One of them: `span`. */
export function refusals(what: string): Refusals {
  const reasons = new Set<string>();
  let rejected = 0;

  return {
    add(error, records = 1) {
      if (!(error instanceof RecordRefusal)) throw error;
      rejected += records;
      if (reasons.size <= REASONS_TOLD) reasons.add(error.message.slice(0, REASON_LENGTH));
    },
    summary() {
      if (rejected === 0) return undefined;
      const told = [...reasons].slice(0, REASONS_TOLD);
      if (reasons.size > REASONS_TOLD) told.push('and more');
      const number = rejected === 1 ? `1 ${what} was` : `${rejected} ${what}s were`;
      return { rejected, message: `${number} refused: ${told.join('; ')}` };
    },
  };
}

/** @throws OtlpRequestError (413) for more records than one request may bring. */
export function checkCount(records: number, limit: number, what: string, setting: string): void {
  if (records <= limit) return;
  throw new OtlpRequestError(
    413,
    `the request has ${records} ${what}s, more than the ${limit} that are taken: send fewer in one, as with ${setting}`,
  );
}

/** Names come from applications, and stand in messages. */
export function shortened(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
