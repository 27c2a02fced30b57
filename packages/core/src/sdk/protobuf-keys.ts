/** How many keys are remembered, and of how many characters: an application that makes them up shall not fill the memory. */
const MOST_KEYS = 1000;
const LONGEST_KEY = 80;

/** Tags of the two fields of an entry. */
const KEY = 0x0a;
const VALUE = 0x12;
const WORD_BYTES = 4;

/** What an entry begins with: its key, and the tag of its value. */
export interface EntryHead {
  /** Little-endian. The last one is filled up with zeros. */
  readonly words: Uint32Array;
  /** Without what fills it up. */
  readonly size: number;
}

/** Keys of entries (`KeyValue` of OTLP), encoded once: the same few come again and again. */
export class ProtobufKeys {
  readonly #heads = new Map<string, EntryHead>();

  /** Undefined for a key that is not remembered. */
  headOf(key: string): EntryHead | undefined {
    return this.#heads.get(key) ?? this.#remember(key);
  }

  #remember(key: string): EntryHead | undefined {
    if (this.#heads.size >= MOST_KEYS || key.length > LONGEST_KEY) return undefined;
    const text = Buffer.from(key);
    // Others than of ASCII may be longer than one byte can say.
    if (text.length !== key.length) return undefined;
    const head = encoded(text);
    this.#heads.set(key, head);
    return head;
  }
}

function encoded(text: Buffer): EntryHead {
  const head = Buffer.from([KEY, text.length, ...text, VALUE]);
  const words = new Uint32Array(Math.ceil(head.length / WORD_BYTES));
  const filled = Buffer.concat([head], words.byteLength);
  for (let index = 0; index < words.length; index++) words[index] = filled.readUInt32LE(index * WORD_BYTES);
  return { words, size: head.length };
}
