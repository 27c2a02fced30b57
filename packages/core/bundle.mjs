// Makes what is published of the sources: one file beside the declarations. Node spends half a millisecond on each file
// that it loads, and there are 170 of them. Dependencies stay outside, and are the application's to update.
import { rmSync } from 'node:fs';

import { build } from 'esbuild';

// What an earlier build by tsc has left would be published with it.
rmSync(new URL('dist/index.js', import.meta.url), { force: true });

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { 'tracing-core': 'src/index.ts', 'tracing-doctor': 'src/tracing-doctor.ts' },
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
