import { defineConfig, mergeConfig } from 'vitest/config';

import { findChromium } from '../../scripts/find-chromium.mjs';
import { sayNotRun } from '../../scripts/test-reports.mjs';
import shared from '../../vitest.config.ts';

const here = findChromium() !== undefined;
if (!here) {
  sayNotRun(
    import.meta.dirname,
    'no Chromium on the PATH, and none in CHROMIUM_PATH. Debian has it: apt-get install chromium',
  );
}

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      ...(!here && { exclude: ['**'], passWithNoTests: true }),
      // One browser at a time: two cores have servers and a database to run as well.
      fileParallelism: false,
    },
  }),
);
