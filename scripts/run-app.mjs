import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { providePnpm } from './provide-pnpm.mjs';
import { step } from './steps.mjs';

/**
 * Installs and builds what is missing, then runs a program of an app with the arguments of this process.
 *
 * @param {string} program The path of what is built of it, from the root of the repository.
 * @param {string[]} members What has to be built, as turbo's filters; what they depend on is built too.
 */
export async function runApp(program, members) {
  providePnpm();

  const ready =
    (await step('Install packages', ['pnpm', 'install', '--frozen-lockfile'], {
      quiet: true,
      hint: 'Check the network, then run this again.',
    })) &&
    (await step('Build', ['pnpm', 'turbo', 'run', 'build', ...members.map((name) => `--filter=${name}`)], {
      quiet: true,
      hint: 'The compiler names the lines above.',
    }));
  if (!ready) process.exit(1);

  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the program as well: it stops what it has started, and its end is ours.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
