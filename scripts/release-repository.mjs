import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { withAbsoluteLinks } from './absolute-links.mjs';

/**
 * @typedef {{ url: string, page: string }} Repository
 *   `url` as npm writes it into a package.json, `page` for a browser.
 */

/**
 * Where this repository is on the web: what the workflow says that it runs for, else where the clone's `origin` is.
 *
 * @param {string} folder Of the clone.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Repository}
 * @throws {Error} Where neither names a place on the web; the message says what to do.
 */
export function releaseRepository(folder, env = process.env) {
  const { GITHUB_REPOSITORY, GITHUB_SERVER_URL = 'https://github.com' } = env;
  const named = GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : originOf(folder);
  const page = pageOf(named);
  if (page !== undefined) return { url: `git+${page}.git`, page };
  throw new Error(
    `Where is this repository on the web? GITHUB_REPOSITORY is not set, and the remote "origin" is ${withoutUser(named) || 'not there'}. ` +
      'npm refuses provenance without it, and the links of a README lead nowhere. ' +
      'Let the workflow release, or set it: git remote set-url origin https://github.com/OWNER/NAME',
  );
}

/**
 * Writes into each package where it comes from: into its package.json, and into the links of its README. Nothing committed
 * says it: a fork would lie.
 *
 * @param {readonly import('./released-packages.mjs').ReleasedPackage[]} packages
 * @param {Repository} repository
 * @returns {() => void} Writes back what was there.
 * @throws {Error} Where a package.json says already that it comes from somewhere else.
 */
export function nameRepository(packages, { url, page }) {
  const changes = packages.flatMap(({ name, folder, path }) => {
    const file = join(folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const said = manifest.repository?.url ?? manifest.repository;
    if (said !== undefined && said !== url)
      throw new Error(`${path}/package.json: repository is ${said}, and ${name} is released from ${url}.`);
    const named = {
      ...manifest,
      homepage: `${page}/tree/HEAD/${path}#readme`,
      bugs: { url: `${page}/issues` },
      repository: { type: 'git', url, directory: path },
    };
    return [
      changeOf(file, () => `${JSON.stringify(named, null, 2)}\n`),
      changeOf(join(folder, 'README.md'), (text) => withAbsoluteLinks(text, path, page)),
    ];
  });
  for (const { file, after } of changes) writeFileSync(file, after);
  return () => {
    for (const { file, before } of changes) writeFileSync(file, before);
  };
}

/**
 * @param {string} file
 * @param {(text: string) => string} change
 */
function changeOf(file, change) {
  const before = readFileSync(file, 'utf8');
  return { file, before, after: change(before) };
}

/**
 * @param {string} remote As Git takes it: `https://…`, `ssh://…`, `git@host:owner/name.git`.
 * @returns {string | undefined} Without what a clone may have in it: a user, a password, `.git`.
 */
function pageOf(remote) {
  const match =
    /^(?:(?:git\+)?https:\/\/|ssh:\/\/)?(?:[^@/]+@)?([\w-]+(?:\.[\w-]+)+)[:/](?!\/)(.+?)(?:\.git)?\/?$/.exec(
      remote,
    );
  const [, host, path = ''] = match ?? [];
  return /^[\w.-]+(?:\/[\w.-]+)+$/.test(path) ? `https://${host}/${path}` : undefined;
}

/** @param {string} remote May have a token in it. */
function withoutUser(remote) {
  return remote.replace(/\/\/[^/]*@/, '//');
}

/** @param {string} folder */
function originOf(folder) {
  const { stdout } = spawnSync('git', ['remote', 'get-url', 'origin'], { cwd: folder, encoding: 'utf8' });
  return (stdout ?? '').trim();
}
