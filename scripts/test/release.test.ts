import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { withAbsoluteLinks } from '../absolute-links.mjs';
import { nameRepository, releaseRepository } from '../release-repository.mjs';
import { type ReleasedPackage, releasedPackages } from '../released-packages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const FORGE = {
  url: 'git+https://forge.example/someone/tracing.git',
  page: 'https://forge.example/someone/tracing',
};

test('each package is published after those that it depends on', () => {
  const packages = releasedPackages(root);
  const names = packages.map(({ name }) => name);
  for (const [index, { name, needs }] of packages.entries()) {
    const ours = needs.filter((other) => names.includes(other));
    expect(
      ours.filter((other) => names.indexOf(other) > index),
      name,
    ).toEqual([]);
  }
  expect(names[0]).toBe('@org/tracing-core');
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  expect(names.indexOf('@org/tracing-testing')).toBeGreaterThan(names.indexOf('@org/tracing-otlp'));
});

test('a workflow says where it comes from', () => {
  const env = { GITHUB_SERVER_URL: 'https://forge.example', GITHUB_REPOSITORY: 'someone/tracing' };
  expect(releaseRepository(cloneOf('/elsewhere'), env)).toEqual(FORGE);
  expect(releaseRepository(root, { GITHUB_REPOSITORY: 'someone/tracing' }).page).toBe(
    'https://github.com/someone/tracing',
  );
});

test.each([
  'https://forge.example/someone/tracing.git',
  'https://forge.example/someone/tracing',
  'https://forge.example/someone/tracing/',
  'https://somebody:secret@forge.example/someone/tracing.git',
  'ssh://git@forge.example/someone/tracing.git',
  'git@forge.example:someone/tracing.git',
])('a clone says it by its remote: %s', (remote) => {
  expect(releaseRepository(cloneOf(remote), {})).toEqual(FORGE);
});

test.each([
  '/srv/tracing.git',
  '../tracing',
  'file:///srv/tracing.git',
  'C:\\tracing',
  'https://forge.example',
  '',
])('a remote that is no place on the web is told, with what to do: "%s"', (remote) => {
  expect(() => releaseRepository(cloneOf(remote), {})).toThrow(
    new RegExp(
      `GITHUB_REPOSITORY is not set, and the remote "origin" is .+\\..* git remote set-url origin https://github.com/`,
    ),
  );
});

test('a token in such a remote is not told', () => {
  const tell = (): unknown => releaseRepository(cloneOf('https://somebody:token@localhost/tracing'), {});
  expect(tell).toThrow('the remote "origin" is https://localhost/tracing.');
});

test('where it comes from is written into each package.json and the links of each README, and is gone again', () => {
  const { folder, packages } = copyOfManifests();
  const file = join(folder, 'packages/koa/package.json');
  const readme = join(folder, 'packages/koa/README.md');
  const before = readFileSync(file, 'utf8');
  const readmeBefore = readFileSync(readme, 'utf8');
  const restore = nameRepository(packages, FORGE);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    ...JSON.parse(before),
    homepage: 'https://forge.example/someone/tracing/tree/HEAD/packages/koa#readme',
    bugs: { url: 'https://forge.example/someone/tracing/issues' },
    repository: { type: 'git', url: FORGE.url, directory: 'packages/koa' },
  });
  expect(readFileSync(readme, 'utf8')).toContain(`](${FORGE.page}/blob/HEAD/docs/attributes.md)`);
  restore();
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect(readFileSync(readme, 'utf8')).toBe(readmeBefore);
});

test.each([
  [
    '[a](../../docs/http-options.md#layers)',
    '[a](https://forge.example/x/y/blob/HEAD/docs/http-options.md#layers)',
  ],
  [
    '[a](../otlp/) and [b](src/index.ts)',
    '[a](https://forge.example/x/y/tree/HEAD/packages/otlp/) and [b](https://forge.example/x/y/blob/HEAD/packages/koa/src/index.ts)',
  ],
  ['![a](../../docs/viewer.png)', '![a](https://forge.example/x/y/blob/HEAD/docs/viewer.png)'],
  ['[a](#usage) [b](https://nodejs.org/) [c](mailto:a@b.c) x[0](1, 2)', undefined],
])('of Markdown %s the links lead to the repository', (markdown, expected = markdown) => {
  expect(withAbsoluteLinks(markdown, 'packages/koa', 'https://forge.example/x/y')).toBe(expected);
});

test('a package.json that names another repository is refused, and no other is changed', () => {
  const { folder, packages } = copyOfManifests();
  const [core, koa] = ['core', 'koa'].map((name) => join(folder, 'packages', name, 'package.json'));
  const before = readFileSync(core!, 'utf8');
  const manifest = JSON.parse(readFileSync(koa!, 'utf8'));
  writeFileSync(koa!, JSON.stringify({ ...manifest, repository: 'someone/else' }));
  expect(() => nameRepository(packages, FORGE)).toThrow(
    `packages/koa/package.json: repository is someone/else, and @org/tracing-koa is released from ${FORGE.url}.`,
  );
  expect(readFileSync(core!, 'utf8')).toBe(before);
});

test('no committed package.json says where it comes from', () => {
  for (const { folder, name } of releasedPackages(root)) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(manifest), name).not.toContain('repository');
  }
});

/** A repository with this remote; without one where it is empty. */
function cloneOf(remote: string): string {
  const folder = temporaryFolder();
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  if (remote) execFileSync('git', ['remote', 'add', 'origin', remote], { cwd: folder });
  return folder;
}

function copyOfManifests(): { folder: string; packages: ReleasedPackage[] } {
  const folder = temporaryFolder();
  for (const { path } of releasedPackages(root)) {
    mkdirSync(join(folder, path), { recursive: true });
    for (const file of ['package.json', 'README.md'])
      cpSync(join(root, path, file), join(folder, path, file));
  }
  return { folder, packages: releasedPackages(folder) };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
