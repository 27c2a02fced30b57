import { defineConfig, mergeConfig } from 'vitest/config';

import shared from '../../vitest.config.ts';
import { missingPrograms, PROGRAMS } from './src/programs.ts';

// A test whose program is not here is no test: it is said, and neither passes nor is skipped.
const missing = missingPrograms();
for (const name of missing) {
  console.log(`NOT RUN: no ${name} is on the PATH that will do, so ${PROGRAMS[name]?.unknown}.`);
}

export default mergeConfig(
  shared,
  defineConfig({ test: { exclude: missing.map((name) => `test/programs/${name}.test.ts`) } }),
);
