/** The pause after a first failure, in milliseconds; each further one doubles it. */
const FIRST_PAUSE_MILLIS = 1000;
const LONGEST_PAUSE_MILLIS = 5000;
/** Part of a pause by which it is shorter or longer at random, so that a fleet does not come back all at once. */
const JITTER = 0.2;
/** The longest pause that a receiver may ask for. */
const LONGEST_WISH_MILLIS = 10 * 60_000;

/** How long to leave a receiver alone after a failure. */
export class SendPause {
  #millis = 0;
  /** Until when the receiver does not want to be asked, by the monotonic clock. */
  #unwantedUntil = 0;

  /** Milliseconds after the last failure; 0 where there was none. */
  get millis(): number {
    return this.#millis;
  }

  /** Whether the receiver has asked not to be asked yet. */
  get isWished(): boolean {
    return performance.now() < this.#unwantedUntil;
  }

  /** @param wishMillis What the receiver asked for; who wants it at once gets it as anybody does. */
  begin(wishMillis: number | undefined): void {
    const grown = Math.min(Math.max(this.#millis * 2, FIRST_PAUSE_MILLIS), LONGEST_PAUSE_MILLIS);
    const usual = grown * (1 + JITTER * (2 * Math.random() - 1));
    const isWished = wishMillis !== undefined && wishMillis > 0;
    this.#millis = isWished ? Math.min(wishMillis, LONGEST_WISH_MILLIS) : usual;
    if (isWished) this.#unwantedUntil = performance.now() + this.#millis;
  }

  end(): void {
    this.#millis = 0;
    this.#unwantedUntil = 0;
  }
}
