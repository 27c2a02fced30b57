/**
 * A promise whose rejection is noted when somebody asks for it, as Koa does with that of all middleware. It is none of the
 * runtime's: one more of these for each request costs the hooks of Node 20's AsyncLocalStorage as much as a span its ids.
 */
export class NotedPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'Promise';
  readonly #settled: Promise<T>;
  readonly #note: (error: unknown) => void;

  /** @param settled May be one that others have too, and stays as it is. */
  constructor(settled: Promise<T>, note: (error: unknown) => void) {
    this.#settled = settled;
    this.#note = note;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it stands for a promise
  then<Fulfilled = T, Rejected = never>(
    fulfilled?: ((value: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    rejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#settled.then(fulfilled, (error: unknown) => {
      this.#note(error);
      if (rejected) return rejected(error);
      throw error;
    });
  }

  catch<Rejected = never>(
    rejected?: ((error: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<T | Rejected> {
    return this.then(undefined, rejected);
  }

  finally(ended?: (() => void) | null): Promise<T> {
    return this.then((value) => value).finally(ended);
  }
}
