import { build } from 'esbuild';

/** What an ES module bundle needs on top, since CommonJS packages inside call `require` (see the README). */
const BANNER = `import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);`;

/**
 * Bundles a service with everything that it uses into one file.
 *
 * @throws Error when esbuild cannot resolve something; its message is on stderr.
 */
export async function bundle(entry: string, outfile: string, format: 'esm' | 'cjs'): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // An optional part of pg, which asks for it within a try.
    external: ['pg-native'],
    logLevel: 'error',
    ...(format === 'esm' && { banner: { js: BANNER } }),
  });
}
