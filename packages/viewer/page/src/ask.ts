import type { Problem } from '../../src/api.ts';

/** The server answered, but not with what was asked for. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The server did not answer. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The JSON of an address of the API. @throws Refused, Unreachable; what `signal` was aborted with. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new Unreachable('The viewer does not answer. Is its process still running?', { cause: error });
  }
  if (!response.ok) throw new Refused(response.status, await problemOf(response));
  return (await response.json()) as T;
}

async function problemOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    if (typeof problem.error === 'string') return problem.error;
  } catch {
    // Not from the viewer: told below as it came.
  }
  return `The viewer answered ${response.status}${text === '' ? '' : `: ${text.slice(0, 300)}`}`;
}

/** Whether an error only says that its question is no longer of interest. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** What is to be said of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
