import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('changeset version gives one number to all published packages, in source and changelog too', () => {
  const copy = copyWithChangeset();
  const [major, minor] = versionOf(join(copy, 'packages/core')).split('.').map(Number);
  const next = `${major}.${Number(minor) + 1}.0`;

  execFileSync('pnpm', ['run', 'version-packages'], { cwd: copy });

  const packages = packagesOf(copy);
  expect(packages.map(versionOf)).toEqual(packages.map(() => next));
  for (const folder of packages) {
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'), folder).toContain(`## ${next}`);
    expect(versionConstantOf(folder) ?? next, folder).toBe(next);
  }
  expect(readFileSync(join(copy, 'packages/koa/CHANGELOG.md'), 'utf8')).toContain('A sample change.');
});

test('a release packs internal ranges that follow the one number', () => {
  const copy = copyWithChangeset();
  execFileSync('pnpm', ['run', 'version-packages'], { cwd: copy });

  const koa = join(copy, 'packages/koa');
  // pnpm reads the number of an internal dependency where it is linked.
  mkdirSync(join(koa, 'node_modules/@org'), { recursive: true });
  for (const folder of packagesOf(copy)) {
    symlinkSync(folder, join(koa, 'node_modules/@org', `tracing-${basename(folder)}`));
  }
  symlinkSync(join(copy, 'apps/fuzz'), join(koa, 'node_modules/@org/fuzz'));
  // The copy is not built, and pnpm packs no command whose file is not there.
  mkdirSync(join(koa, 'dist'));
  writeFileSync(join(koa, 'dist/tracing-doctor.js'), '');
  const tarball = join(copy, 'koa.tgz');
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: koa });

  const packed = JSON.parse(
    execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }),
  );
  expect(packed.dependencies['@org/tracing-core']).toBe(`^${versionOf(koa)}`);
});

test('the version constant of each package is the version in its package.json', () => {
  const constants = packagesOf(root).filter((folder) => versionConstantOf(folder) !== undefined);
  expect(constants).toContain(join(root, 'packages/core'));
  expect(constants.map(versionConstantOf)).toEqual(constants.map(versionOf));
});

/** The repository's files without what is built or installed, with one sample changeset, in a Git repository. */
function copyWithChangeset(): string {
  const copy = mkdtempSync(join(tmpdir(), 'tracing-release-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  const left = new Set(['node_modules', 'dist', '.git', '.turbo']);
  cpSync(root, copy, { recursive: true, filter: (source) => !left.has(basename(source)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const git = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  for (const name of readdirSync(join(copy, '.changeset'))) {
    if (name.endsWith('.md')) rmSync(join(copy, '.changeset', name));
  }
  writeFileSync(
    join(copy, '.changeset/sample.md'),
    `---\n'@org/tracing-koa': minor\n---\n\nA sample change.\n`,
  );
  execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: copy });
  execFileSync('git', ['add', '--all'], { cwd: copy });
  execFileSync('git', [...git, 'commit', '--quiet', '--message=Copy'], { cwd: copy });
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
