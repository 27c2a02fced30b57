const LEAST_REST_MS = 250;

/**
 * Loads when it is asked to: at once if it has rested, else as soon as it has. One load at a time, and however often it is
 * asked, it rests four times as long as the last load took: a large answer must not keep page and server busy.
 */
export class Refresher {
  readonly #load: () => Promise<void>;
  readonly #leastRestMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading = false;
  #asked = false;
  #stopped = false;
  #restUntil = 0;

  /** @param load Must not reject. */
  constructor(load: () => Promise<void>, leastRestMs: number = LEAST_REST_MS) {
    this.#load = load;
    this.#leastRestMs = leastRestMs;
  }

  ask(): void {
    this.#asked = true;
    if (this.#loading || this.#timer !== undefined || this.#stopped) return;
    const rest = this.#restUntil - performance.now();
    if (rest <= 0) {
      void this.#run();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#run();
    }, rest);
  }

  /** Takes back what was asked and has not begun. */
  cancel(): void {
    this.#asked = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.cancel();
  }

  async #run(): Promise<void> {
    this.#asked = false;
    this.#loading = true;
    const start = performance.now();
    await this.#load();
    const end = performance.now();
    this.#loading = false;
    this.#restUntil = end + Math.max(this.#leastRestMs, (end - start) * 4);
    if (this.#asked) this.ask();
  }
}
