import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const wanted = packageManager.split('+')[0];

/**
 * Puts the pnpm that package.json names first on the PATH of this process, and so of its children (turbo
 * starts `pnpm` by name). A machine without it gets it through npm's own cache; nothing is installed globally.
 */
export function providePnpm() {
  if (`pnpm@${versionOnPath()}` === wanted) return;
  console.log(`Fetching ${wanted} through npm`);
  const path = output('npm', [
    'exec',
    '--yes',
    `--package=${wanted}`,
    '--',
    'node',
    '-p',
    'process.env.PATH',
  ]);
  if (path !== undefined) process.env.PATH = path;
  if (`pnpm@${versionOnPath()}` !== wanted) {
    console.error(`${wanted} could not be fetched through npm (npm's own message is above).`);
    console.error(`Check the network, or install it yourself: npm install --global ${wanted}`);
    process.exit(1);
  }
}

function versionOnPath() {
  return output('pnpm', ['--version'], 'ignore');
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {'ignore' | 'inherit'} stderr
 */
function output(command, args, stderr = 'inherit') {
  const done = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    // npm's and pnpm's executables are `.cmd` files on Windows, which only a shell starts.
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', stderr],
  });
  return done.status === 0 ? done.stdout.trim() : undefined;
}
