import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface DemoArguments {
  /** Whether the services stay up after the first request. */
  readonly keep: boolean;
  /** Whether the traces are shown on the viewer's page, and not in the terminal. */
  readonly view: boolean;
  /** Where the viewer listens. */
  readonly port: number;
}

/** Where services send their spans by OTLP/HTTP when nobody tells them. */
const DEFAULT_PORT = 4318;

const KNOWN: ReadonlySet<string> = new Set(['keep', 'view', 'port']);

/** Shown for an argument that is none. */
export const USAGE: string = `Usage: npm run demo [-- --keep | --view [--port PORT]]

  Starts PostgreSQL and four services, sends one request through them, and draws its trace and that of the
  order which it leaves in a queue.

  --keep   leave the services up, and draw each further trace as it completes, until Ctrl-C
  --view   show the traces with their log lines on a page in the browser, live, until Ctrl-C
  --port   where that page is served; ${DEFAULT_PORT} by default, 0 for any port that is free
`;

/** @throws TypeError that names the argument which is not known, or the port which is none. */
export function readArguments(given: readonly string[]): DemoArguments {
  const { values, tokens } = parseArgs({
    args: [...given],
    options: { keep: { type: 'boolean' }, view: { type: 'boolean' }, port: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find(
    (token) =>
      token.kind !== 'option' || !KNOWN.has(token.name) || (token.inlineValue && token.name !== 'port'),
  );
  if (unknown) throw new TypeError(`unknown argument "${given[unknown.index]}"`);
  return { keep: values.keep === true, view: values.view === true, port: readPort(values.port) };
}

function readPort(value: string | boolean | undefined): number {
  const port = Number(value ?? DEFAULT_PORT);
  if (typeof value !== 'boolean' && value !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535)
    return port;
  throw new TypeError(
    `--port: expected a whole number from 0 to 65535, got ${typeof value === 'string' ? `"${value}"` : 'nothing'}`,
  );
}
