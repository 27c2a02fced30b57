import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

import { findChromium } from '../find-chromium.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('without pnpm on the PATH, the one that package.json names is there for children', () => {
  const bin = temporaryFolder();
  for (const program of ['node', 'npm', 'sh']) symlinkSync(programPath(program), join(bin, program));
  const script = `
    import { providePnpm } from ${JSON.stringify(join(root, 'scripts/provide-pnpm.mjs'))};
    import { execFileSync } from 'node:child_process';
    providePnpm();
    console.log(execFileSync('pnpm', ['--version'], { encoding: 'utf8' }));`;
  const printed = execFileSync('node', ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, PATH: bin },
  });
  expect(printed).toContain(`Fetching ${packageManager} through npm`);
  expect(`pnpm@${printed.trim().split('\n').at(-1)}`).toBe(packageManager);
});

test('a Node that is too old is told so, and what to do, before anything runs', () => {
  const repository = temporaryFolder();
  writeFileSync(join(repository, 'package.json'), JSON.stringify({ engines: { node: '>=99.1' } }));
  mkdirSync(join(repository, 'scripts'));
  cpSync(join(root, 'scripts/check-node.mjs'), join(repository, 'scripts/check-node.mjs'));
  const { status, stderr } = spawnSync('node', ['scripts/check-node.mjs'], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`Node ${process.versions.node} is too old here: >=99.1 is needed.`);
  expect(stderr).toContain('Install a newer one');
});

test('CI names the Chromium of the PATH to the tests', () => {
  const { stdout, bin } = runCi(['chromium-browser']);
  expect(stdout).not.toContain('Installing');
  expect(stdout).toContain(`tests with ${join(bin, 'chromium-browser')}\n`);
});

test('CI that finds no Chromium and cannot install it says so, and runs nothing', () => {
  const { status, stdout } = runCi([]);
  expect(stdout).toBe(
    'Installing chromium\nInstall chromium by hand, then run this again.\n0 passed, 0 failed\n',
  );
  expect(status).toBe(1);
});

test('CI that finds no Chromium after installing it runs nothing either', () => {
  const { status, stdout } = runCi(['apt-get', 'sudo']);
  expect(stdout).toBe(
    'Installing chromium\nPut chromium on the PATH, or name it by CHROMIUM_PATH, then run this again.\n0 passed, 0 failed\n',
  );
  expect(status).toBe(1);
});

test('the Chromium of the tests is the one that CHROMIUM_PATH names, else the first on the PATH', () => {
  const bin = temporaryFolder();
  const PATH = [temporaryFolder(), bin].join(delimiter);
  expect(findChromium({ PATH })).toBeUndefined();
  const chrome = idleProgram(bin, 'google-chrome');
  expect(findChromium({ PATH, CHROMIUM_PATH: '' })).toBe(chrome);
  const chromium = idleProgram(bin, 'chromium');
  expect(findChromium({ PATH })).toBe(chromium);
  expect(findChromium({ PATH, CHROMIUM_PATH: chrome })).toBe(chrome);
  expect(() => findChromium({ PATH, CHROMIUM_PATH: bin })).toThrow(
    `CHROMIUM_PATH: expected the path of a Chromium, got "${bin}"`,
  );
});

test('turbo sends no telemetry, also where a person types it in a package', () => {
  const { TURBO_TELEMETRY_DISABLED: _, DO_NOT_TRACK: __, ...env } = process.env;
  const status = execFileSync('pnpm', ['turbo', 'telemetry', 'status'], {
    cwd: join(root, 'packages/koa'),
    encoding: 'utf8',
    env: { ...env, HOME: temporaryFolder() },
  });
  expect(status).toContain('Status: Disabled');
});

/** Runs .ci/run where there are these programs besides, which do nothing, and a `npm test` that says what it was told. */
function runCi(programs: readonly string[]): { bin: string; status: number | null; stdout: string } {
  const repository = temporaryFolder();
  cpSync(join(root, '.ci/run'), join(repository, '.ci/run'));
  const scripts = { test: `node -p '"tests with " + process.env.CHROMIUM_PATH'` };
  writeFileSync(join(repository, 'package.json'), JSON.stringify({ scripts }));
  const bin = temporaryFolder();
  for (const name of ['bash', 'dirname', 'git', 'id', 'node', 'npm', 'sh'])
    symlinkSync(programPath(name), join(bin, name));
  for (const name of programs) idleProgram(bin, name);
  const { status, stdout } = spawnSync(join(repository, '.ci/run'), {
    encoding: 'utf8',
    env: { ...process.env, PATH: bin, CHROMIUM_PATH: undefined },
  });
  return { bin, status, stdout };
}

/** Makes a program that does nothing. */
function idleProgram(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-bare-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function programPath(program: string): string {
  const lines = execFileSync('which', ['-a', program], { encoding: 'utf8' }).trim().split('\n');
  const path = lines.find((line) => !line.includes('node_modules')) ?? program;
  // npm's executable is a link into npm's own folder, where it looks for its parts.
  return program === 'npm' ? realpathSync(path) : join(dirname(path), program);
}
