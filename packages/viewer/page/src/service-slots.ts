/** How many colours there are: `--service-0` and on, in the stylesheet. */
export const SLOTS = 12;

/**
 * Gives each name a colour's number: that of its hash, or the next free one where another name has it. A number that a
 * name has it keeps. Beyond {@link SLOTS} names colours come twice.
 */
export class ServiceSlots {
  readonly #slots: Map<string, number>;
  readonly #taken = new Set<number>();

  constructor(known: Iterable<readonly [string, number]> = []) {
    this.#slots = new Map(known);
    for (const slot of this.#slots.values()) this.#taken.add(slot);
  }

  /** Those that are given, to be remembered. */
  get entries(): [string, number][] {
    return [...this.#slots];
  }

  slotOf(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    let slot = hash(name) % SLOTS;
    if (this.#taken.size < SLOTS) while (this.#taken.has(slot)) slot = (slot + 1) % SLOTS;
    this.#slots.set(name, slot);
    this.#taken.add(slot);
    return slot;
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
