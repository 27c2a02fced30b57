/** A request that cannot be answered as it was meant, with the HTTP status that says so. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly status: number;

  /** @param message What was wrong, what was expected, what to do. */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
