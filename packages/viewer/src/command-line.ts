import { parseArgs } from 'node:util';

import type { ViewerOptions } from './viewer-options.ts';

/** What the command line asks for. */
export interface ViewerCommand {
  readonly options: ViewerOptions;
  /** Whether to read log lines from standard input. */
  readonly stdin: boolean;
  /** Whether to print each trace as it completes. */
  readonly tree: boolean;
  /** Files to show. */
  readonly open: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

export const USAGE = `Usage: tracing-viewer [options]

Takes traces and logs over OTLP/HTTP and shows them on a page: a local backend for development.

  --port <number>      port to listen on (4318); 0 for any that is free
  --host <address>     address to listen on (127.0.0.1); any other lets others read and write your traces
  --allow-host <name>  another name by which it may be asked, as behind a proxy; may come several times
  --stdin              read log lines from standard input, join them to their spans, and pass them on:
                       node server.js 2>&1 | tracing-viewer --stdin
  --tree               print each trace when it is complete: half a second after its last span, or six seconds
                       where the root, a parent or the answer to a call has not come
  --open <file>        show the traces of a file of OTLP JSON; may come several times
  --max-traces <n>     traces that are held at most (10000); the oldest go first
  --max-spans <n>      spans that are held at most (200000)
  --max-mb <n>         megabytes that spans and log lines take at most (256)
  --version            print the version
  -h, --help           print this text

Exit code: 0 after SIGINT or SIGTERM, 1 where it cannot start, 2 where the arguments are wrong.
`;

const MEBIBYTE = 1024 * 1024;

/** @throws TypeError that says which argument is wrong, and why. */
export function readCommandLine(args: readonly string[]): ViewerCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      'allow-host': { type: 'string', multiple: true },
      stdin: { type: 'boolean' },
      tree: { type: 'boolean' },
      open: { type: 'string', multiple: true },
      'max-traces': { type: 'string' },
      'max-spans': { type: 'string' },
      'max-mb': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean' },
    },
  });
  const port = whole('port', values.port, 0, 65_535);
  const maxTraces = whole('max-traces', values['max-traces'], 1);
  const maxSpans = whole('max-spans', values['max-spans'], 1);
  const maxMegabytes = whole('max-mb', values['max-mb'], 1);
  const { host, 'allow-host': allowHosts, open = [] } = values;
  if (host === '') throw new TypeError('--host: expected an address, got nothing');
  return {
    options: {
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
      ...(allowHosts && { allowHosts }),
      ...(maxTraces !== undefined && { maxTraces }),
      ...(maxSpans !== undefined && { maxSpans }),
      ...(maxMegabytes !== undefined && { maxBytes: maxMegabytes * MEBIBYTE }),
    },
    stdin: values.stdin ?? false,
    tree: values.tree ?? false,
    open,
    help: values.help ?? false,
    version: values.version ?? false,
  };
}

const MOST = 1_000_000_000;

function whole(name: string, text: string | undefined, least: number, most = MOST): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new TypeError(`--${name}: expected a whole number from ${least} to ${most}, got "${text}"`);
}
