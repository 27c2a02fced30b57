import { errorText } from '../diagnostics.ts';
import { oneLine } from '../one-line.ts';

/** Characters of somebody else's text that are told. */
const TOLD_AT_MOST = 200;

/** What a receiver said, fit for a message. */
export function told(text: string): string {
  return oneLine(text, TOLD_AT_MOST).trim();
}

/** Why a batch was not sent, fit for a message. */
export function causeOf(error: unknown): string {
  return told(errorText(error).replace(/^Error: /, ''));
}
