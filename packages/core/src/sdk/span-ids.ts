import { randomFillSync } from 'node:crypto';

const SPAN_ID_DIGITS = 16;
const TRACE_ID_DIGITS = 32;

const random = Buffer.allocUnsafeSlow(4096);

/** Digits that are not used yet; an id is a part of this text and no copy. */
let digits = '';
let used = 0;

/** A random id of 16 lower-case hexadecimal digits, not all of them 0 (W3C Trace Context, `parent-id`). */
export function randomSpanId(): string {
  return randomDigits(SPAN_ID_DIGITS);
}

/** A random id of 32 lower-case hexadecimal digits, not all of them 0 (W3C Trace Context, `trace-id`). */
export function randomTraceId(): string {
  return randomDigits(TRACE_ID_DIGITS);
}

function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = randomFillSync(random).toString('hex');
    used = 0;
  }
  const id = digits.slice(used, used + count);
  used += count;
  return id.startsWith('00000000') && Number.parseInt(id, 16) === 0 ? randomDigits(count) : id;
}
