/** What a receiver that took a request says of it: `partial_success` (S7). */
export interface PartialSuccess {
  /** Spans that it did not take. */
  readonly rejected: number;
  /** Why, or a warning; empty where it has nothing to say. */
  readonly message: string;
}

const NOTHING: PartialSuccess = { rejected: 0, message: '' };

/** Reads an `ExportTraceServiceResponse` in JSON. @throws Where it is none. */
export function readJsonResponse(body: Buffer): PartialSuccess {
  if (body.length === 0) return NOTHING;
  const { partialSuccess } = JSON.parse(body.toString()) as {
    partialSuccess?: { rejectedSpans?: number | string; errorMessage?: string };
  };
  // JSON has 64-bit numbers as strings.
  return {
    rejected: Number(partialSuccess?.rejectedSpans ?? 0),
    message: String(partialSuccess?.errorMessage ?? ''),
  };
}

/** Reads an `ExportTraceServiceResponse` in the wire format. @throws Where it is none. */
export function readProtobufResponse(body: Buffer): PartialSuccess {
  let result = NOTHING;
  eachField(body, (field, value) => {
    if (field === 1 && typeof value !== 'number') result = readPartialSuccess(value);
  });
  return result;
}

function readPartialSuccess(message: Buffer): PartialSuccess {
  let { rejected, message: text } = NOTHING;
  eachField(message, (field, value) => {
    if (field === 1 && typeof value === 'number') rejected = value;
    if (field === 2 && typeof value !== 'number') text = value.toString();
  });
  return { rejected, message: text };
}

/** Calls `found` with every field that is a varint or has a length. */
function eachField(message: Buffer, found: (field: number, value: number | Buffer) => void): void {
  let at = 0;
  function varint(): number {
    // Arithmetic of doubles: a shift has 32 bits, and a count of spans may have more.
    for (let value = 0, scale = 1; ; scale *= 0x80) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('the message ends in the middle of a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }
  function bytes(length: number): Buffer {
    if (at + length > message.length) throw new RangeError('the message ends in the middle of a field');
    return message.subarray(at, (at += length));
  }
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) found(field, varint());
    else if (type === 1) bytes(8);
    else if (type === 2) found(field, bytes(varint()));
    else if (type === 5) bytes(4);
    else throw new RangeError(`the message has a field of the type ${type}`);
  }
}
