// Makes what is published: the server as files without dependencies, so that `npx` fetches one package, and the page.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve as resolvePath } from 'node:path';

import { build } from 'esbuild';

const folder = import.meta.dirname;
const dist = join(folder, 'dist');

/** Declarations that `index.d.ts` leads to. The others name types of packages that are inside of the bundle. */
const PUBLIC = ['index.d.ts', 'start-viewer.d.ts', 'version.d.ts', 'viewer-options.d.ts'];
/** What the page is built of, where it is: Vite tells nobody. */
const OF_THE_PAGE = ['preact', '@preact/signals', '@preact/signals-core'];

for (const file of readdirSync(dist)) {
  if (/\.(js|ts)$/.test(file) && !PUBLIC.includes(file)) rmSync(join(dist, file));
}

const { metafile } = await build({
  absWorkingDir: folder,
  entryPoints: ['src/index.ts', 'src/tracing-viewer.ts'],
  outdir: 'dist',
  bundle: true,
  // What both entries load is one file besides.
  splitting: true,
  chunkNames: 'viewer',
  // Their form as ES modules, of which what is not used can be left out.
  mainFields: ['module', 'main'],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // CommonJS inside asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  footer: { js: '// Parts of it are of others: see third-party-notices.txt' },
  metafile: true,
  logLevel: 'warning',
});

if (existsSync(join(folder, 'vite.config.ts'))) {
  const { build: buildPage } = await import('vite');
  await buildPage({
    root: join(folder, 'page'),
    configFile: join(folder, 'vite.config.ts'),
    logLevel: 'warn',
  });
}

// Not called a licence: pnpm would leave out the package's own.
writeFileSync(join(dist, 'third-party-notices.txt'), licences());

/** The licences of all packages inside, as they ask for it. */
function licences() {
  const roots = new Set(Object.keys(metafile.inputs).map(packageRoot).filter(Boolean));
  const { resolve } = createRequire(import.meta.url);
  for (const name of OF_THE_PAGE) {
    if (existsSync(join(folder, 'node_modules', name))) roots.add(packageRoot(resolve(name)));
  }
  const texts = [...roots].map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const file = readdirSync(root).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? readFileSync(join(root, file), 'utf8').trim() : `SPDX-License-Identifier: ${license}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.toSorted().join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of a package below `node_modules`; undefined for files of our own. */
function packageRoot(file) {
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(resolvePath(folder, file))?.[0];
}
