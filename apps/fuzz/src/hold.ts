import { appendFileSync } from 'node:fs';

import fc from 'fast-check';
import { expect, test } from 'vitest';

/** How a property is run. */
export interface HoldOptions {
  /** Runs of the short run, in `pnpm test`. Default 200. */
  readonly runs?: number;
}

/** What `pnpm fuzz` asks for, by the environment. */
interface LongRun {
  /** Milliseconds for each property. */
  readonly millis: number;
  /** A file that gets one line of JSON for each property. */
  readonly report: string;
}

/** One line of the report of a long run. */
export interface PropertyReport {
  readonly name: string;
  readonly runs: number;
  readonly seed: number;
  readonly failed: boolean;
  /** Of the smallest counterexample, to be given to `pnpm fuzz --path`. */
  readonly path: string | undefined;
}

/**
 * A test that holds a property: some hundred runs with a new seed each time, and as many as the time allows in the long
 * run. A failure names the smallest counterexample, and the seed that finds it again.
 *
 * @param sentence What holds, as the name of the test.
 * @param property Made in the test, so that what it needs is set up by then.
 */
export function hold<Values>(
  sentence: string,
  property: () => fc.IRawProperty<Values>,
  { runs = 200 }: HoldOptions = {},
): void {
  const long = longRun();
  const seed = Number(process.env['FUZZ_SEED'] ?? Number.NaN);
  const path = process.env['FUZZ_PATH'];
  const parameters: fc.Parameters<Values> = {
    numRuns: long === undefined ? runs : Number.MAX_SAFE_INTEGER,
    ...(long && { interruptAfterTimeLimit: long.millis }),
    ...(Number.isInteger(seed) && { seed }),
    ...(path && { path }),
  };
  test(
    sentence,
    async () => {
      const details = await fc.check(property(), parameters);
      if (long) report(long.report, sentence, details);
      const message = await fc.asyncDefaultReportMessage(details);
      expect(details.failed, `${message}\n${reasonOf(details.errorInstance)}`).toBe(false);
    },
    (long?.millis ?? 0) + 60_000,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function longRun(): LongRun | undefined {
  const { FUZZ_MILLIS: millis, FUZZ_REPORT: file } = process.env;
  return millis && file ? { millis: Number(millis), report: file } : undefined;
}

function report<Values>(file: string, name: string, details: fc.RunDetails<Values>): void {
  const { numRuns: runs, seed, failed, counterexamplePath } = details;
  const line: PropertyReport = { name, runs, seed, failed, path: counterexamplePath ?? undefined };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}
