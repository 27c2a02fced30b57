// `npm test`: everything that has to hold, from a bare checkout. `--force`, or CI=true, uses no cached result.
import './check-node.mjs';
import { fileURLToPath } from 'node:url';
import { findChromium } from './find-chromium.mjs';
import { providePnpm } from './provide-pnpm.mjs';
import { say, step } from './steps.mjs';
import { clearReports } from './test-reports.mjs';

if (process.argv.includes('--force') || process.env.CI === 'true') process.env.TURBO_FORCE = 'true';

// Named for turbo, so that "not run: no Chromium" is not kept for a machine that has one by now.
process.env.CHROMIUM_PATH ||= findChromium() ?? '';

clearReports(fileURLToPath(new URL('..', import.meta.url)));
providePnpm();

const installed = await step('Install packages', ['pnpm', 'install', '--frozen-lockfile'], {
  hint: 'Check the network; if pnpm-lock.yaml is out of date, run `pnpm install` and commit it.',
});
if (!installed) process.exit(1);

// Each of these says something of its own: one that fails does not keep the others from running.
const results = [
  await step('Check format', ['pnpm', 'run', 'format:check'], {
    hint: 'Run `pnpm format` and commit what it changes.',
  }),
  await step('Build', ['pnpm', 'run', 'build'], {
    hint: 'The compiler names the lines above.',
  }),
  await step('Lint', ['pnpm', 'run', 'lint'], {
    hint: 'Fix the lines named above; `pnpm lint --fix` does the simple ones.',
  }),
  await step('Check types', ['pnpm', 'run', 'typecheck'], {
    hint: 'The compiler names the lines above.',
  }),
  await step('Check packages', ['pnpm', 'run', 'check:packages'], {
    hint: 'publint and attw say above what a user of the package would stumble over.',
  }),
  await step('Test', ['pnpm', 'turbo', 'run', 'test', '--continue'], {
    hint: 'To run one package again: pnpm --filter @org/tracing-<name> test.',
  }),
];

say(results.every(Boolean) ? 'All steps passed' : 'Some steps failed: see the lines marked ✗ above');
await import('./test-summary.mjs');
if (!results.every(Boolean)) process.exitCode = 1;
