import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface LabArguments {
  /** Name of a row or of a section; undefined for everything. */
  readonly only: string | undefined;
  /** Whether all is smaller, to see that it runs. */
  readonly quick: boolean;
}

/** @throws TypeError that names what is not known, with what is. */
export function readArguments(given: readonly string[], names: readonly string[]): LabArguments {
  const { values } = parseArgs({
    args: [...given],
    options: { only: { type: 'string' }, quick: { type: 'boolean', default: false } },
  });
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new TypeError(`--only: expected one of ${names.join(', ')}, got "${values.only}"`);
  }
  return { only: values.only, quick: values.quick };
}

/** How it is called. */
export function usage(names: readonly string[]): string {
  return `Usage: pnpm reliability [--only NAME] [--quick]

  Measures what the sample services notice of a collector that fails, and rewrites docs/reliability.md.

  --only NAME   one row, which is printed; or one section of the page, which is rewritten:
                ${names.join(', ')}
  --quick       everything smaller, and printed only
`;
}
