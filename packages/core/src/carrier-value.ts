/** A field of a propagator is short: `baggage` may have 8192 bytes. */
const MAX_VALUE_LENGTH = 16_384;

/**
 * The text of a field in the form in which a transport gives it; of several an array. Undefined for anything else.
 *
 * @throws RangeError for one that is too long to be of any propagator.
 */
export function textOfField(value: unknown): string | string[] | undefined {
  if (!Array.isArray(value)) return textOf(value);
  // Kafka allows a header many times. A list is for the propagator to judge.
  const texts = value.slice(0, 100).map(textOf);
  const known = texts.filter((text) => text !== undefined);
  return known.length === 1 ? known[0] : known.length === 0 ? undefined : known;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return short(value);
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Uint8Array) return textOfBytes(value);
  return textOfAttribute(value);
}

/** SQS and SNS: as their clients send and receive it, as Lambda gives it, as SNS puts it into a queue. */
interface MessageAttribute {
  readonly StringValue?: unknown;
  readonly stringValue?: unknown;
  readonly Value?: unknown;
  readonly BinaryValue?: unknown;
}

function textOfAttribute({
  StringValue,
  stringValue,
  Value,
  BinaryValue,
}: MessageAttribute): string | undefined {
  const value = StringValue ?? stringValue ?? Value;
  if (typeof value === 'string') return short(value);
  return BinaryValue instanceof Uint8Array ? textOfBytes(BinaryValue) : undefined;
}

function textOfBytes(bytes: Uint8Array): string {
  checkLength(bytes.byteLength);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function short(text: string): string {
  checkLength(text.length);
  return text;
}

function checkLength(length: number): void {
  if (length > MAX_VALUE_LENGTH) throw new RangeError(`a field of more than ${MAX_VALUE_LENGTH} bytes`);
}
