import { readFileSync, writeFileSync } from 'node:fs';

import type { Ratios } from './check.ts';

const FILE = new URL('../recorded.json', import.meta.url);

/** How much worse than recorded a ratio may be. */
export const TOLERANCE = 1.2;

/** Ratios by the major version of Node: each has its own way to carry context. */
export type Recorded = Readonly<Record<string, Ratios>>;

/** The ratios of a Node: those of the newest that is recorded and no newer than it. */
export function recordedFor(major: number, recorded: Recorded = readRecorded()): Ratios | undefined {
  const known = Object.keys(recorded)
    .map(Number)
    .filter((each) => each <= major);
  return recorded[Math.max(...known)];
}

/** Keeps the ratios of a Node in place of those before. */
export function record(major: number, ratios: Ratios): void {
  const rounded = Object.fromEntries(
    Object.entries(ratios).map(([setup, ratio]) => [setup, Number(ratio.toFixed(3))]),
  );
  writeFileSync(FILE, `${JSON.stringify({ ...readRecorded(), [major]: rounded }, undefined, 2)}\n`);
}

/** What is worse than recorded, in words; empty where nothing is. */
export function regressions(measured: Ratios, recorded: Ratios): string[] {
  return Object.entries(recorded).flatMap(([setup, before]) => {
    const now = measured[setup] ?? Number.NaN;
    if (now <= before * TOLERANCE) return [];
    const percent = ((now / before - 1) * 100).toFixed(0);
    return [
      `${setup} costs ${now.toFixed(3)} of stock, ${percent} % more than the recorded ${before.toFixed(3)}`,
    ];
  });
}

function readRecorded(): Recorded {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
}
