/** What the command line asks for. */
export interface DemoArguments {
  /** Whether the services stay up after the first request. */
  readonly keep: boolean;
}

/** Shown for an argument that is none. */
export const USAGE = `Usage: npm run demo [-- --keep]

  Starts PostgreSQL and four services, sends one request through them, and draws its trace and that of the
  order which it leaves in a queue.

  --keep   leave the services up, and draw each further trace as it completes, until Ctrl-C
`;

/** @throws TypeError that names the argument which is not known. */
export function readArguments(given: readonly string[]): DemoArguments {
  const unknown = given.find((argument) => argument !== '--keep');
  if (unknown !== undefined) throw new TypeError(`unknown argument "${unknown}"`);
  return { keep: given.length > 0 };
}
