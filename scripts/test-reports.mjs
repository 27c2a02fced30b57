import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where vitest.config.ts has each package write its results. */
const REPORT = 'node_modules/.vitest/report.json';

/** Where a package says why it ran none of its tests, beside a report without any. */
const NOT_RUN = 'node_modules/.vitest/not-run.txt';

/**
 * @typedef {{ passed: number, failed: number, skipped: number, notRun: string[], problems: string[] }} TestSum
 *   `notRun` says whose tests this machine cannot run, and why; `problems` says in words why the numbers alone are not
 *   to be trusted.
 */

/**
 * Says why none of a package's tests can run here, now and in the sum; they count neither as passed nor as skipped.
 *
 * @param {string} folder Of the package.
 * @param {string} reason What is missing, and what to do.
 */
export function sayNotRun(folder, reason) {
  const file = join(folder, NOT_RUN);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, reason);
  console.log(`not run: ${reason}`);
}

/**
 * Removes the reports of earlier runs, so that none of them counts in this one.
 *
 * @param {string} root
 */
export function clearReports(root) {
  for (const folder of testedFolders(root)) {
    for (const file of [REPORT, NOT_RUN]) rmSync(join(root, folder, file), { force: true });
  }
}

/**
 * Adds up what every package and app with a `test` script has reported.
 *
 * @param {string} root
 * @returns {TestSum}
 */
export function sumReports(root) {
  /** @type {TestSum} */
  const sum = { passed: 0, failed: 0, skipped: 0, notRun: [], problems: [] };
  for (const folder of testedFolders(root)) {
    const file = join(root, folder, REPORT);
    if (!existsSync(file)) {
      sum.problems.push(`${folder} has a test script and left no report`);
      continue;
    }
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const failedBefore = sum.failed;
    for (const testFile of report.testResults) addTestFile(sum, testFile);
    if (report.testResults.length === 0 && existsSync(join(root, folder, NOT_RUN))) {
      sum.notRun.push(`${folder}: ${readFileSync(join(root, folder, NOT_RUN), 'utf8')}`);
    }
    if (!report.success && sum.failed === failedBefore) {
      sum.problems.push(`${folder} failed outside of its tests`);
    }
  }
  if (sum.passed + sum.failed === 0) sum.problems.push('no test ran');
  return sum;
}

/** @param {TestSum} sum */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/**
 * @param {TestSum} sum
 * @param {{ status: string, assertionResults: { status: string }[] }} testFile
 */
function addTestFile(sum, { status, assertionResults }) {
  const passed = assertionResults.filter((test) => test.status === 'passed').length;
  const failed = assertionResults.filter((test) => test.status === 'failed').length;
  sum.passed += passed;
  // A file that breaks while it loads, or in a hook, fails without a failed test: it counts as one.
  sum.failed += status === 'failed' ? Math.max(failed, 1) : failed;
  sum.skipped += assertionResults.length - passed - failed;
}

/** @param {string} root */
function testedFolders(root) {
  const folders = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(kind, name)),
  );
  return [...folders, 'scripts'].filter((folder) => {
    const manifest = join(root, folder, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).scripts?.test !== undefined;
  });
}
