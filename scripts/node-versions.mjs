import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Outside of what git and pnpm look after; made anew where it is missing. */
const CACHE = fileURLToPath(new URL('../node_modules/.cache/node-versions', import.meta.url));

/** The majors that the packages are tested on. */
export const NODE_MAJORS = [20, 22, 24, 26];

/** The packages of npm that carry a Node binary, without an install script, and where it is in them. */
const BINARIES = new Map([
  ['linux-x64', 'bin/node'],
  ['linux-arm64', 'bin/node'],
  ['darwin-x64', 'bin/node'],
  ['darwin-arm64', 'bin/node'],
  ['win32-x64', 'bin/node.exe'],
]);

/**
 * @typedef {{ path: string, version: string }} Node
 *   `path` of the program; `version` as in "24.21.0".
 */

/**
 * Whether npm has binaries for this machine. Without them there is this process's own Node alone.
 *
 * @returns {boolean}
 */
export function hasOtherNodes() {
  return BINARIES.has(`${process.platform}-${process.arch}`);
}

/**
 * The newest Node of a major: this process's own where the major is the same, otherwise from npm, through a cache.
 * Where npm cannot be reached, the one that was fetched before.
 *
 * @param {number} major
 * @returns {Node}
 * @throws Error when it cannot be fetched or does not run; the message says which package of npm was asked for.
 */
export function provideNode(major) {
  const [own] = process.versions.node.split('.');
  if (Number(own) === major) return { path: process.execPath, version: process.versions.node };
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(CACHE, String(major));
  const path = join(folder, 'node_modules', name, BINARIES.get(`${process.platform}-${process.arch}`) ?? '');
  const problem = fetchPackage(folder, `${name}@${major}`);
  if (problem !== undefined) {
    if (!existsSync(path)) throw new Error(`${problem}\nCheck the network, then run this again.`);
    console.error(`${problem}\nThe one that was fetched before is used.`);
  }
  return { path, version: versionOf(path, major) };
}

/**
 * @param {string} folder
 * @param {string} wanted
 * @returns {string | undefined} What went wrong.
 */
function fetchPackage(folder, wanted) {
  mkdirSync(folder, { recursive: true });
  const args = [
    'install',
    '--prefix',
    '.',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, stderr, error } = spawnSync('npm', [...args, wanted], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 240_000,
  });
  if (status === 0) return undefined;
  return `${wanted} could not be fetched through npm: ${error?.message ?? stderr.trim()}`;
}

/**
 * @param {string} path
 * @param {number} major
 * @returns {string}
 */
function versionOf(path, major) {
  const { stdout, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = /^v(\d+)\.\S+/.exec(stdout ?? '');
  if (Number(version?.[1]) === major) return String(version?.[0].slice(1));
  throw new Error(`${path} is no Node ${major}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
