/** How many texts are remembered, and of how many characters. An application that makes up keys shall not fill the memory. */
const MOST_KEYS = 1000;
const LONGEST_KEY = 80;

const FIELD_1 = 0x0a;
const WORD_BYTES = 4;

/** A text as a field of protobuf. */
export interface ProtobufKey {
  /** Little-endian, the last one filled up with zeros. */
  readonly words: Uint32Array;
  /** In bytes. */
  readonly size: number;
}

/** Texts that come again and again, encoded once. */
export class ProtobufKeys {
  readonly #known = new Map<string, ProtobufKey>();

  /** A text as field 1, tag and length with it. Undefined where it is not remembered. */
  get(text: string): ProtobufKey | undefined {
    return this.#known.get(text) ?? this.#add(text);
  }

  #add(text: string): ProtobufKey | undefined {
    if (this.#known.size >= MOST_KEYS || text.length > LONGEST_KEY) return undefined;
    // One byte for the length is enough for the longest key in ASCII.
    const encoded = Buffer.from(text);
    if (encoded.length !== text.length) return undefined;
    const size = 2 + encoded.length;
    const words = new Uint32Array(Math.ceil(size / WORD_BYTES));
    const padded = Buffer.concat([Buffer.of(FIELD_1, encoded.length), encoded], words.byteLength);
    for (let at = 0; at < padded.length; at += WORD_BYTES) words[at / WORD_BYTES] = padded.readUInt32LE(at);
    const key: ProtobufKey = { words, size };
    this.#known.set(text, key);
    return key;
  }
}
