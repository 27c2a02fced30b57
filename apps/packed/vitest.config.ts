import { defineConfig, mergeConfig } from 'vitest/config';

import shared from '../../vitest.config.ts';

export default mergeConfig(
  shared,
  defineConfig({
    test: {
      globalSetup: './test/pack-all.ts',
      // Installs packages from the registry.
      hookTimeout: 300_000,
    },
  }),
);
