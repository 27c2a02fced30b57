/** Orders of the same things, each another one; the same ones in every run. */
export class ShuffledOrder<Item> {
  readonly #items: Item[];
  #state = 1;

  constructor(items: readonly Item[]) {
    this.#items = [...items];
  }

  /** Fisher and Yates's, by the generator that Park and Miller call the minimal standard. */
  next(): readonly Item[] {
    const items = this.#items;
    for (let last = items.length - 1; last > 0; last--) {
      this.#state = (this.#state * 48271) % 2147483647;
      const other = this.#state % (last + 1);
      [items[last], items[other]] = [items[other] as Item, items[last] as Item];
    }
    return [...items];
  }
}
