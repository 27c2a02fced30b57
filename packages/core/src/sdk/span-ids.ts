const SPAN_ID_DIGITS = 16;
const TRACE_ID_DIGITS = 32;

/** Few, since an id that an application keeps is a part of their text and holds all of it. */
const WORDS = new Uint32Array(64);
const BYTES = Buffer.from(WORDS.buffer);

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
  if (used + count > digits.length) refill();
  const id = digits.slice(used, used + count);
  used += count;
  return id.startsWith('00000000') && Number.parseInt(id, 16) === 0 ? '1'.padStart(count, '0') : id;
}

/** As the SDK does it: an id is no secret, and randomness for secrets costs five times as much. */
function refill(): void {
  for (let word = 0; word < WORDS.length; word++) WORDS[word] = Math.random() * 2 ** 32;
  digits = BYTES.toString('hex');
  used = 0;
}
