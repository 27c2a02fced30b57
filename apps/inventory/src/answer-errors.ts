import type { NextFunction, Request, Response } from 'express';
import log from 'loglevel';

/** Why a request is not served; its message goes to the caller. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.status = status;
  }
}

/** Express middleware behind every route: 404. */
export function answerUnknownPath({ method, originalUrl }: Request): never {
  throw new Refusal(404, `no ${method} ${originalUrl}`);
}

/** Express error middleware: every refusal and failure is answered as `{ message }`. */
export function answerErrors(error: unknown, request: Request, response: Response, next: NextFunction): void {
  const status = statusOf(error);
  if (status >= 500) log.error('%s %s failed', request.method, request.path, error);
  // Half an answer cannot be taken back; Express cuts the connection.
  if (response.headersSent) return next(error);
  response.status(status).json({ message: status === 500 ? 'internal error' : (error as Error).message });
}

function statusOf(error: unknown): number {
  // Express's own errors, such as a path that cannot be decoded, carry a status too.
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : 500;
}
