/** A request that cannot be answered as it was meant, with the HTTP status that says so. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly status: number;

  /** Of an answer of 405: the methods that there are. */
  readonly allow: string | undefined;

  /** @param message What was wrong, what was expected, what to do. */
  constructor(status: number, message: string, options: ErrorOptions & { readonly allow?: string } = {}) {
    super(message, options);
    this.status = status;
    this.allow = options.allow;
  }
}
