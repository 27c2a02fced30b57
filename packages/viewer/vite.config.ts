import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('page', import.meta.url)),
  // Deep links share one index.html: what it names is found from every path.
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('dist/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The page's policy lets nothing be inlined as code, and one file less to ask for is not worth a `data:` address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  // `vite` in this folder, beside a viewer that runs.
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:4318' } },
});
