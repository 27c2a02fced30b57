import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';

const tarballs = inject('tarballs');
const packages = fileURLToPath(new URL('../../../packages', import.meta.url));

describe.each(Object.entries(tarballs))('the tarball of %s', (name, tarball) => {
  const files = tar('-tzf', tarball)
    .trim()
    .split('\n')
    .map((file) => file.replace('package/', ''));
  const manifest: Manifest = JSON.parse(tar('-xzOf', tarball, 'package/package.json'));

  test('has what is built from the sources, the licence, the read-me and the manifest, and nothing else', () => {
    const folder = join(packages, name.replace('@org/tracing-', ''));
    // Its modules are one, since each costs time at the start.
    const isOneFile = name === '@org/tracing-core';
    const built = filesBelow(join(folder, 'src')).flatMap((source) => {
      const code = `dist/${source.replace(/ts$/, 'js')}`;
      // A `.cts` becomes a `.cjs` and a `.d.cts`.
      const declaration = `dist/${source.replace(/\.(c?ts)$/, '.d.$1')}`;
      return isOneFile ? [declaration] : [code, declaration];
    });
    if (isOneFile) built.push('dist/register-hooks.js', 'dist/tracing-core.js', 'dist/tracing-doctor.js');
    if (name === '@org/tracing-viewer') built.splice(0, Infinity, ...viewerFiles(folder));
    const others = manifest.files.filter((entry) => entry !== 'dist');
    const copied = others.flatMap((entry) =>
      filesBelow(join(folder, entry)).map((file) => `${entry}/${file}`),
    );
    expect(files.toSorted()).toEqual(
      ['LICENSE', 'README.md', 'package.json', ...built, ...copied].toSorted(),
    );
  });

  test('asks for files by name: the build, and the OTLP definitions where they are decoded', () => {
    expect(manifest.files).toEqual(name === '@org/tracing-otlp' ? ['dist', 'proto'] : ['dist']);
  });

  test('runs nothing when it is installed', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(hooks.filter((hook) => manifest.scripts?.[hook] !== undefined)).toEqual([]);
    // npm makes an install script of this file itself.
    expect(files).not.toContain('binding.gyp');
  });

  test('names no source map, since it has none', () => {
    expect(tar('-xzOf', tarball, 'package/dist')).not.toContain('sourceMappingURL');
  });

  test('asks for our other packages by the one version number, and for nothing by a path', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
    expect(ranges.filter(([, range]) => /^(workspace|catalog|file|link):/.test(range))).toEqual([]);
    const internal = ranges.filter(([dependency]) => dependency.startsWith('@org/'));
    expect(internal.map(([, range]) => range)).toEqual(internal.map(() => `^${manifest.version}`));
  });
});

/** Its server in a bundle, what of its declarations is public, and its page as Vite has built it. */
function viewerFiles(folder: string): string[] {
  const page = join(folder, 'dist/page');
  return [
    'index.js',
    'tracing-viewer.js',
    'viewer.js',
    'third-party-notices.txt',
    ...['index', 'start-viewer', 'version', 'viewer-options'].map((source) => `${source}.d.ts`),
    ...(existsSync(page) ? filesBelow(page).map((file) => `page/${file}`) : []),
  ].map((file) => `dist/${file}`);
}

interface Manifest {
  readonly version: string;
  readonly files: readonly string[];
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function tar(...args: string[]): string {
  return execFileSync('tar', args, { encoding: 'utf8' });
}

/** Every file below the folder, by its path from there. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
