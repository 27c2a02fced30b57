import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Packs every published package as it is built now.
 *
 * @returns The path of each tarball, by the package's name.
 * @throws Error when pnpm fails; its message is on stderr.
 */
export function packPackages(folder: string): Record<string, string> {
  execFileSync('pnpm', ['--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder], {
    cwd: root,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const manifests: { name: string; version: string }[] = readdirSync(join(root, 'packages')).map((name) =>
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
  );
  return Object.fromEntries(
    manifests.map(({ name, version }) => [
      name,
      join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`),
    ]),
  );
}
