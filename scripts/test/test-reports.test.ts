import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { clearReports, sayNotRun, summaryLine, sumReports } from '../test-reports.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const PASSES = `import { expect, test } from 'vitest'; test('a', () => expect(1).toBe(1));`;
const FAILS = `import { expect, test } from 'vitest'; test('b', () => expect(1).toBe(2)); test.skip('c', () => {});`;
const DOES_NOT_LOAD = `import { test } from 'vitest'; test('d', () => {}); throw new Error('on loading');`;

test('the last line sums passed, failed and skipped over all reports of vitest itself', () => {
  const repository = repositoryWith({
    one: { 'a.test.ts': PASSES, 'b.test.ts': FAILS },
    two: { 'a.test.ts': PASSES },
  });
  runTests(repository, 'one', 'two');
  expect(summaryLine(sumReports(repository))).toBe('2 passed, 1 failed, 1 skipped');
});

test('a test file that breaks while it loads counts as failed', () => {
  const repository = repositoryWith({ one: { 'a.test.ts': PASSES, 'd.test.ts': DOES_NOT_LOAD } });
  runTests(repository, 'one');
  expect(summaryLine(sumReports(repository))).toBe('1 passed, 1 failed');
});

test('a missing report is a problem, and so is a package without a single test', () => {
  const repository = repositoryWith({ one: {}, two: { 'a.test.ts': PASSES } });
  runTests(repository, 'one');
  expect(sumReports(repository)).toEqual({
    passed: 0,
    failed: 0,
    skipped: 0,
    notRun: [],
    problems: [
      'packages/one failed outside of its tests',
      'packages/two has a test script and left no report',
      'no test ran',
    ],
  });
});

test('tests that cannot run here are told in words with the reason, and count as nothing', () => {
  const repository = repositoryWith({ one: { 'a.test.ts': PASSES }, two: {} });
  const two = join(repository, 'packages/two');
  sayNotRun(two, 'no oven here');
  runTests(repository, 'one');
  runVitest(two, '--passWithNoTests');
  expect(sumReports(repository)).toEqual({
    passed: 1,
    failed: 0,
    skipped: 0,
    notRun: ['packages/two: no oven here'],
    problems: [],
  });
  clearReports(repository);
  runVitest(two, '--passWithNoTests');
  expect(sumReports(repository).notRun).toEqual([]);
});

test('what once did not run and now does is no longer told', () => {
  const repository = repositoryWith({ one: { 'a.test.ts': PASSES } });
  sayNotRun(join(repository, 'packages/one'), 'no oven here');
  runTests(repository, 'one');
  expect(sumReports(repository)).toMatchObject({ passed: 1, notRun: [] });
});

test('a report of an earlier run does not count', () => {
  const repository = repositoryWith({ one: { 'a.test.ts': PASSES } });
  runTests(repository, 'one');
  const report = join(repository, 'packages/one/node_modules/.vitest/report.json');
  expect(existsSync(report)).toBe(true);
  clearReports(repository);
  expect(existsSync(report)).toBe(false);
});

/** A repository of packages with these test files, run by the vitest and the configuration of this one. */
function repositoryWith(packages: Record<string, Record<string, string>>): string {
  const repository = mkdtempSync(join(tmpdir(), 'tracing-reports-'));
  onTestFinished(() => rmSync(repository, { recursive: true }));
  mkdirSync(join(repository, 'apps'));
  symlinkSync(join(root, 'node_modules'), join(repository, 'node_modules'), 'junction');
  for (const [name, files] of Object.entries(packages)) {
    const folder = join(repository, 'packages', name);
    mkdirSync(join(folder, 'test'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, scripts: { test: 'vitest run' } }));
    for (const [file, source] of Object.entries(files)) writeFileSync(join(folder, 'test', file), source);
  }
  return repository;
}

function runTests(repository: string, ...names: string[]): void {
  for (const name of names) runVitest(join(repository, 'packages', name));
}

function runVitest(cwd: string, ...options: string[]): void {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const config = join(root, 'vitest.config.ts');
  spawnSync(process.execPath, [vitest, 'run', '--config', config, '--root', cwd, ...options], { cwd });
}
