// `npm run demo`: installs and builds what is missing, then hands over to apps/demo with the same arguments.
import './check-node.mjs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { providePnpm } from './provide-pnpm.mjs';
import { step } from './steps.mjs';

const demo = fileURLToPath(new URL('../apps/demo/dist/main.js', import.meta.url));

providePnpm();

const ready =
  (await step('Install packages', ['pnpm', 'install', '--frozen-lockfile'], {
    quiet: true,
    hint: 'Check the network, then run this again.',
  })) &&
  (await step('Build', ['pnpm', 'turbo', 'run', 'build', '--filter=@org/demo'], {
    quiet: true,
    hint: 'The compiler names the lines above.',
  }));
if (!ready) process.exit(1);

const child = spawn(process.execPath, [demo, ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the demo as well: it stops its services, and its end is ours.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
