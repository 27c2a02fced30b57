import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';

const tarballs = inject('tarballs');

describe.each(Object.entries(tarballs))('the tarball of %s', (name, tarball) => {
  const files = tar('-tzf', tarball)
    .trim()
    .split('\n')
    .map((file) => file.replace('package/', ''));
  const manifest: Manifest = JSON.parse(tar('-xzOf', tarball, 'package/package.json'));

  test('has the build, the licence, the read-me and the manifest', () => {
    const wanted = ['dist/index.js', 'dist/index.d.ts', 'LICENSE', 'README.md', 'package.json'];
    expect(wanted.filter((file) => !files.includes(file))).toEqual([]);
  });

  test('has no tests, no sources, no source maps and no configuration', () => {
    expect(
      files.filter((file) => /(^|\/)(test|src)\/|\.map$|tsconfig|\.turbo|\.tsbuildinfo/.test(file)),
    ).toEqual([]);
  });

  test('has no built file whose source is gone', () => {
    const source = (file: string): string =>
      fileURLToPath(
        new URL(
          `../../../packages/${short(name)}/${file.replace('dist', 'src').replace(/(\.d\.ts|\.js)$/, '.ts')}`,
          import.meta.url,
        ),
      );
    const built = files.filter((file) => file.startsWith('dist/'));
    expect(built.filter((file) => !existsSync(source(file)))).toEqual([]);
  });

  test('asks for our other packages by the one version number, and for nothing by a path', () => {
    const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies });
    expect(ranges.filter(([, range]) => /^(workspace|catalog|file|link):/.test(range))).toEqual([]);
    const internal = ranges.filter(([dependency]) => dependency.startsWith('@org/'));
    expect(internal.map(([, range]) => range)).toEqual(internal.map(() => `^${manifest.version}`));
  });
});

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function tar(...args: string[]): string {
  return execFileSync('tar', args, { encoding: 'utf8' });
}

function short(name: string): string {
  return name.replace('@org/tracing-', '');
}
