import type { Id } from './otlp-definitions.ts';
import { RecordRefusal } from './refusals.ts';

const GOT_LENGTH = 64;

/**
 * An id in lower-case hex.
 *
 * @param what Whose it is, for the message.
 * @throws RecordRefusal for one of another length, and one of zeros.
 */
export function idOf(id: Id, bytes: number, what: () => string): string {
  if (id instanceof Uint8Array && id.length === bytes) {
    const text = hex(id);
    if (/[^0]/.test(text)) return text;
  }
  const got = 'text' in id ? id.text.slice(0, GOT_LENGTH) : hex(id.slice(0, GOT_LENGTH / 2));
  throw new RecordRefusal(`${what()}: expected ${bytes} bytes in hex that are not all zero, got "${got}"`);
}

function hex(bytes: Uint8Array | readonly never[]): string {
  return Buffer.from(bytes).toString('hex');
}
