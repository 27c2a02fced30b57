import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

import { majorOf, type NodeProgram } from './nodes.ts';
import type { ScenarioResult } from './scenario.ts';

/** Each Node has a folder. */
const FOLDER = fileURLToPath(new URL('../results/', import.meta.url));

/** What a scenario showed, and where. */
export interface StoredResult {
  /** As in "24.21.0". */
  readonly node: string;
  readonly machine: { readonly platform: string; readonly cpu: string; readonly cores: number };
  /** Day of the run, as in "2026-11-25". */
  readonly day: string;
  /** Of the modules that were measured. */
  readonly versions: Readonly<Record<string, string>>;
  readonly result: ScenarioResult;
}

/** Keeps a result in place of the one before. */
export function storeResult(
  { version }: NodeProgram,
  versions: Readonly<Record<string, string>>,
  result: ScenarioResult,
): void {
  const folder = `${FOLDER}node-${majorOf({ version })}`;
  mkdirSync(folder, { recursive: true });
  const stored: StoredResult = {
    node: version,
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
    },
    day: new Date().toISOString().slice(0, 10),
    versions,
    result,
  };
  writeFileSync(`${folder}/${result.name}.json`, `${JSON.stringify(stored, undefined, 2)}\n`);
}

/** All results that there are, of the oldest Node first. */
export function storedResults(): StoredResult[] {
  mkdirSync(FOLDER, { recursive: true });
  const results = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(FOLDER + file, 'utf8')) as StoredResult);
  return results.toSorted((a, b) => majorOf({ version: a.node }) - majorOf({ version: b.node }));
}
