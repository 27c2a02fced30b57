/** Why a request is not served; its message goes to the caller. */
export class Refusal extends Error {
  /** Status of the response. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.status = status;
  }
}
