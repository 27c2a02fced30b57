import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Peers and frameworks, outside of the workspace. */
export const PEERS: string = fileURLToPath(new URL('../peers', import.meta.url));

/** This package, whose own modules are enough for the small bench of CI. */
export const OWN: string = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the peers from their lock file, where they are missing or the lock file is another one.
 *
 * @throws Error with what npm said.
 */
export function installPeers(say: (line: string) => void): void {
  const lock = readFileSync(join(PEERS, 'package-lock.json'), 'utf8');
  const mark = join(PEERS, 'node_modules', '.installed-lock.json');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  say('Installing the peers, once (450 MB) …');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr, error } = spawnSync('npm', args, {
    cwd: PEERS,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`npm ci in apps/bench/peers failed: ${error?.message ?? stderr.trim()}`);
  writeFileSync(mark, lock);
}

/** Versions of what the services are made of, as installed. */
export function versionsIn(modules: string): Record<string, string> {
  const { dependencies = {} } = manifest(modules) as { dependencies?: Record<string, string> };
  const names = Object.keys(dependencies).filter((name) => name !== '@msgpack/msgpack');
  return Object.fromEntries(
    names.map((name) => [name, String(manifest(join(modules, 'node_modules', name)).version)]),
  );
}

function manifest(folder: string): { version?: unknown } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown };
}
