import { spawn } from 'node:child_process';

/** @typedef {import('./released-packages.mjs').ReleasedPackage} ReleasedPackage */

/**
 * Those whose version the registry does not have.
 *
 * @param {readonly ReleasedPackage[]} packages
 * @returns {Promise<ReleasedPackage[]>}
 * @throws {Error} Where it cannot be asked, or no version has been given yet.
 */
export async function unpublished(packages) {
  const none = packages.filter(({ version }) => version === '0.0.0');
  if (none.length > 0) throw new Error(`${none[0]?.name} has no version yet: run \`pnpm version-packages\`.`);
  const there = await Promise.all(packages.map(isPublished));
  return packages.filter((_each, index) => !there[index]);
}

/**
 * Publishes one package, as its folder is now. What it prints is seen, and it may ask for a second factor.
 *
 * @param {{ folder: string }} each
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<'published' | 'already there' | 'refused'>} "already there" where a registry that answered from an older
 *   copy of itself turns out to have this version.
 */
export async function publishPackage({ folder }, env = process.env) {
  const { status, stderr } = await run('pnpm', ['publish', '--no-git-checks', '--access=public'], {
    cwd: folder,
    env,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  if (status === 0) return 'published';
  return /\bE409\b|previously published version/.test(stderr) ? 'already there' : 'refused';
}

/** @param {ReleasedPackage} each */
async function isPublished({ name, version }) {
  const asked = `${name}@${version}`;
  const { status, stdout, stderr } = await run(
    'npm',
    ['view', asked, 'version', '--json', '--prefer-online'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (status === 0) return stdout.includes(version);
  // Neither the package, nor this version of it.
  if (/\bE404\b/.test(stdout + stderr)) return false;
  throw new Error(`npm view ${asked}: ${stderr.trim() || stdout.trim()}`);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options Those that have it print are shown what goes to stderr.
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string }>}
 */
function run(command, args, options) {
  const child = spawn(command, args, { ...options, shell: process.platform === 'win32' });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stderr += text;
    if (child.stdout === null) process.stderr.write(text);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
