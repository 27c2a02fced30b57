/** What the command line asks for. */
export interface BenchArguments {
  /** Whether all is smaller, and printed only. */
  readonly quick: boolean;
  /** Names of scenarios; empty for all. */
  readonly only: readonly string[];
  /** A major version, or a path; undefined for this Node, with the chosen scenarios on the newest beside it. */
  readonly node: string | undefined;
  /** Whether nothing is measured and the page is written from the results that there are. */
  readonly draw: boolean;
  /** Whether the ratios that CI compares with are measured anew, and nothing else. */
  readonly record: boolean;
}

/** How it is called. */
export function usage(names: readonly string[]): string {
  return `Usage: pnpm bench [--quick] [--only NAME]... [--node MAJOR|PATH]
       pnpm bench --record [--node MAJOR|PATH]
       pnpm bench --draw

  Measures what tracing costs, beside the other tracers of Node, and writes docs/performance.md.

  --quick       everything smaller, on one Node, and printed only
  --only NAME   this scenario; may be given several times: ${names.join(', ')}
  --node NODE   a major version such as 24, or the path of a node program, which then runs all that is asked for;
                without it this Node does, and some of it is repeated on the newest
  --record      measures the ratios that the test of CI compares with, into apps/bench/recorded.json
  --draw        measures nothing: writes the page from apps/bench/results
`;
}

/** @throws TypeError that names the argument which is wrong, and says what there is. */
export function readArguments(given: readonly string[], names: readonly string[]): BenchArguments {
  const only: string[] = [];
  let quick = false;
  let draw = false;
  let record = false;
  let node: string | undefined;
  const rest = [...given];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    // pnpm hands on the dashes that end its own options.
    if (name === '--') continue;
    if (name === '--quick') quick = true;
    else if (name === '--draw') draw = true;
    else if (name === '--record') record = true;
    else if (name === '--only') only.push(readName(rest.shift(), names));
    else if (name === '--node') node = readNode(rest.shift());
    else throw new TypeError(`unknown argument "${name}"`);
  }
  const isSmaller = quick || only.length > 0;
  if (draw && (isSmaller || record || node !== undefined)) {
    throw new TypeError('--draw goes with no other argument');
  }
  if (record && isSmaller) throw new TypeError('--record goes with --node alone');
  return { quick, only, node, draw, record };
}

function readName(value = '', names: readonly string[]): string {
  if (names.includes(value)) return value;
  throw new TypeError(`--only: expected one of ${names.join(', ')}, got "${value}"`);
}

function readNode(value = ''): string {
  if (value !== '' && !value.startsWith('--')) return value;
  throw new TypeError(`--node: expected a major version or a path, got "${value}"`);
}
