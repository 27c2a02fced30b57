// Makes what is published of the sources: one file beside the declarations. Node spends half a millisecond on each file
// that it loads, and there are 170 of them.
import { readdirSync, rmSync } from 'node:fs';

import { build } from 'esbuild';

/** Of these a tenth is used, and loading them would be more than half of what loading core costs. */
const INSIDE = ['api-logs', 'core', 'resources', 'semantic-conventions'];

// What an earlier build by tsc has left would be published with it.
const dist = new URL('dist/', import.meta.url);
for (const file of readdirSync(dist, { recursive: true })) {
  if (/\.js(\.map)?$/.test(file)) rmSync(new URL(file, dist));
}

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: {
    'register-hooks': 'src/register-hooks.ts',
    'tracing-core': 'src/index.ts',
    'tracing-doctor': 'src/tracing-doctor.ts',
  },
  outdir: 'dist',
  bundle: true,
  plugins: [{ name: 'dependencies', setup: keepOutside }],
  // Their form as ES modules, of which what is not used can be left out.
  mainFields: ['module', 'main'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  footer: {
    js: '// Parts of it are of OpenTelemetry: Copyright The OpenTelemetry Authors, SPDX-License-Identifier: Apache-2.0',
  },
  logLevel: 'warning',
});

/** Leaves every package where it is, but for those that are taken in. */
function keepOutside({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
    const isInside = INSIDE.some((name) => path === `@opentelemetry/${name}`);
    return kind === 'entry-point' || isInside ? undefined : { path, external: true };
  });
}
