/** A request that cannot be taken, with the HTTP status that says so. */
export class OtlpRequestError extends Error {
  override readonly name = 'OtlpRequestError';
  /** 400 and more. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}
