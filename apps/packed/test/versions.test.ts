import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { type ReleaseCopy, releaseCopy } from '../src/release-copy.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const shell = process.platform === 'win32';

test('changeset version gives one number to all published packages, in source and changelog too', () => {
  const { folder: copy } = copyWithChangeset();
  const [major, minor] = versionOf(join(copy, 'packages/core')).split('.').map(Number);
  const next = `${major}.${Number(minor) + 1}.0`;

  execFileSync('pnpm', ['run', 'version-packages'], { cwd: copy, shell });

  const packages = packagesOf(copy);
  expect(packages.map(versionOf)).toEqual(packages.map(() => next));
  for (const folder of packages) {
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'), folder).toContain(`## ${next}`);
    expect(versionConstantOf(folder) ?? next, folder).toBe(next);
  }
  expect(readFileSync(join(copy, 'packages/core/CHANGELOG.md'), 'utf8')).toContain('A sample change.');
});

test('a release packs internal ranges that follow the one number', () => {
  const { folder: copy } = copyWithChangeset();
  execFileSync('pnpm', ['run', 'version-packages'], { cwd: copy, shell });

  const koa = join(copy, 'packages/koa');
  // The copy is not built, and pnpm packs no command whose file is not there.
  mkdirSync(join(koa, 'dist'));
  writeFileSync(join(koa, 'dist/tracing-doctor.js'), '');
  execFileSync('pnpm', ['pack', '--out', 'koa.tgz'], { cwd: koa, shell });

  const packed = JSON.parse(
    execFileSync('tar', ['-xzOf', 'koa.tgz', 'package/package.json'], { cwd: koa, encoding: 'utf8' }),
  );
  expect(packed.dependencies['@org/tracing-core']).toBe(`^${versionOf(koa)}`);
});

test('the version constant of each package is the version in its package.json', () => {
  const constants = packagesOf(root).filter((folder) => versionConstantOf(folder) !== undefined);
  expect(constants).toContain(join(root, 'packages/core'));
  expect(constants.map(versionConstantOf)).toEqual(constants.map(versionOf));
});

function copyWithChangeset(): ReleaseCopy {
  const copy = releaseCopy();
  onTestFinished(() => copy[Symbol.dispose]());
  return copy;
}

function packagesOf(repository: string): string[] {
  return readdirSync(join(repository, 'packages')).map((name) => join(repository, 'packages', name));
}

function versionOf(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

function versionConstantOf(folder: string): string | undefined {
  const file = join(folder, 'src/version.ts');
  if (!existsSync(file)) return undefined;
  return /^export const version(?:: string)? = '(.*)';$/m.exec(readFileSync(file, 'utf8'))?.[1];
}
