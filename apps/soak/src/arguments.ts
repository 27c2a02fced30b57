import { type Leak, LEAK_NAMES } from './leaks.ts';
import { type Plugin, PLUGINS } from './soak.ts';

/** What the command line asks for. */
export interface SoakArguments {
  /** Of each plugin. Default: a million. */
  readonly requests: number;
  /** Default: all. */
  readonly plugins: readonly Plugin[];
  readonly layers: boolean;
  /** A fault to be found. */
  readonly leak: Leak | undefined;
  /** File that the figures are written to. */
  readonly json: string | undefined;
}

const USAGE = `Usage: pnpm soak [--requests N] [--only ${PLUGINS.join('|')}] [--layers] [--json FILE]
                 [--leak ${LEAK_NAMES.join('|')}]

  Sends requests through each plugin, of which 5 % are aborted by their client and 1 % fail, and looks whether anything
  is left: heap, spans, handles, timers, listeners. Exits with 1 where there is.

  --requests N   requests to each plugin; 1000000 where it is not given
  --only PLUGIN  this one alone; may be given several times
  --layers       with a span of each layer too
  --json FILE    writes the figures there
  --leak NAME    puts that fault into the service, to see that it is found
`;

/** @throws TypeError that names the argument which is wrong, and says what there is. */
export function readArguments(given: readonly string[]): SoakArguments {
  const plugins: Plugin[] = [];
  let requests = 1_000_000;
  let layers = false;
  let json: string | undefined;
  let leak: Leak | undefined;
  const rest = [...given];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    // pnpm hands on the dashes that end its own options.
    if (name === '--') continue;
    if (name === '--layers') layers = true;
    else if (name === '--requests') requests = readCount(rest.shift());
    else if (name === '--only') plugins.push(readName(name, rest.shift(), PLUGINS));
    else if (name === '--leak') leak = readName(name, rest.shift(), LEAK_NAMES);
    else if (name === '--json') json = readFile(rest.shift());
    else refuse(`unknown argument "${name}"`);
  }
  return { requests, plugins: plugins.length > 0 ? plugins : PLUGINS, layers, leak, json };
}

function refuse(reason: string): never {
  throw new TypeError(`${reason}\n\n${USAGE}`);
}

function readCount(value = ''): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1000) {
    refuse(`--requests must be a whole number from 1000; got "${value}"`);
  }
  return count;
}

function readName<Name extends string>(option: string, value = '', names: readonly Name[]): Name {
  const found = names.find((each) => each === value);
  return found ?? refuse(`${option} must be one of ${names.join(', ')}; got "${value}"`);
}

function readFile(value = ''): string {
  if (value === '' || value.startsWith('--')) refuse(`--json must be a file; got "${value}"`);
  return value;
}
