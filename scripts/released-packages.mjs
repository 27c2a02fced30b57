import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ name: string, version: string, folder: string, path: string, needs: string[] }} ReleasedPackage
 *   `path` in the repository, `needs` the names of those that it depends on.
 */

/**
 * What a release publishes: each after those that it depends on, so that what is out can always be installed.
 *
 * @param {string} root
 * @returns {ReleasedPackage[]}
 */
export function releasedPackages(root) {
  const all = readdirSync(join(root, 'packages')).map((directory) => {
    const folder = join(root, 'packages', directory);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { name, version, dependencies = {} } = manifest;
    return { name, version, folder, path: `packages/${directory}`, needs: Object.keys(dependencies) };
  });
  /** @type {Set<ReleasedPackage>} */
  const ordered = new Set();
  /** @param {ReleasedPackage} each */
  const add = (each) => {
    for (const other of all.filter(({ name }) => each.needs.includes(name))) add(other);
    ordered.add(each);
  };
  for (const each of all) add(each);
  return [...ordered];
}
