import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real servers, processes and a database answer in their own time on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The matrix keeps its reports away from those that `npm test` counts.
    reporters: [
      'default',
      ['json', { outputFile: process.env.TEST_REPORT_FILE || 'node_modules/.vitest/report.json' }],
    ],
  },
});
