// `pretest` of every package and app: builds it and what it depends on, where that is out of date.
import './check-node.mjs';
import { spawnSync } from 'node:child_process';

// Under turbo the builds are done, and others' tests may be reading them.
if (process.env.TURBO_HASH === undefined) {
  const { status, error } = spawnSync('turbo', ['run', 'build', '--output-logs=errors-only'], {
    shell: process.platform === 'win32',
    stdio: 'inherit',
  });
  if (error)
    console.error(`turbo did not start (${error.message}): run \`pnpm install\`, then test with pnpm.`);
  if (status !== 0) process.exit(1);
}
