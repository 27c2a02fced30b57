import { CollectorConfig, readCollectorConfig } from '../src/collector-config.ts';
import type { Mapping } from '../src/yaml-files.ts';

/** A copy of a configuration with one thing changed in it. */
export function broken(file: string, change: (config: Loose) => void): CollectorConfig {
  const copy = structuredClone<Mapping>(readCollectorConfig([file]).source);
  change(copy as unknown as Loose);
  return new CollectorConfig(copy);
}

/** What a test may reach into without a question at each step. */
export interface Loose {
  [key: string]: Loose | undefined;
}
