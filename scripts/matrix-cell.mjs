import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/**
 * @typedef {{ name: string, folder: string, args: string[] }} Suite
 *   One run of vitest, as a script of a package.json has it; `name` as in "pg" or "pg:oldest".
 * @typedef {{ passed: number, failed: number, good: boolean, output: string, millis: number }} CellResult
 */

/**
 * Every script of a package or an app that is a run of vitest: `test`, and `test:…` for other versions of a library.
 *
 * @returns {Suite[]}
 */
export function suites() {
  const folders = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => join(kind, name)),
  );
  return folders.flatMap((folder) => {
    const file = join(root, folder, 'package.json');
    if (!existsSync(file)) return [];
    const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8'));
    return Object.entries(scripts).flatMap(([script, line]) => {
      const [program, ...args] = line.split(' ');
      if (program !== 'vitest' || !/^test(:|$)/.test(script)) return [];
      return [{ name: folder.replace(/^\w+[/\\]/, '') + script.replace('test', ''), folder, args }];
    });
  });
}

/**
 * Runs one suite by one Node, which is `node` for its child processes as well.
 *
 * @param {Suite} suite
 * @param {import('./node-versions.mjs').Node} node
 * @returns {Promise<CellResult>}
 */
export async function runCell({ folder, args }, { path }) {
  const begun = performance.now();
  const temporary = mkdtempSync(join(tmpdir(), 'tracing-matrix-'));
  const report = join(temporary, 'report.json');
  const child = spawn(path, [vitest, ...args], {
    cwd: join(root, folder),
    env: {
      ...process.env,
      PATH: `${dirname(path)}${delimiter}${process.env.PATH}`,
      TEST_REPORT_FILE: report,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => {
    child.kill();
    process.exit(1);
  };
  process.once('SIGTERM', stop);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  }
  /** @type {number | string} */
  const code = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (status, signal) => resolve(status ?? String(signal)));
  });
  process.off('SIGTERM', stop);
  const {
    numPassedTests = 0,
    numFailedTests = 0,
    testResults,
  } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  rmSync(temporary, { recursive: true });
  return {
    passed: numPassedTests,
    failed: numFailedTests,
    // No test file at all is well only where the suite has said why, or vitest would have failed.
    good: code === 0 && (numPassedTests > 0 || testResults?.length === 0),
    output,
    millis: performance.now() - begun,
  };
}
