import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What an application outside of this repository asks for. */
export interface OutsideProjectOptions {
  readonly packageManager: 'npm' | 'pnpm';
  /** Published packages of ours that it depends on. */
  readonly ours: readonly string[];
  /** Everything else that it depends on: names with ranges. */
  readonly theirs: Readonly<Record<string, string>>;
  /** Where each published package of ours is, those that it does not ask for included. */
  readonly tarballs?: Readonly<Record<string, string>>;
  /** Or where they are published; all else comes from where this machine's npm takes it. */
  readonly published?: { readonly registry: string; readonly version: string; readonly store: string };
  /** Has the package manager refuse an installation whose peers are not what they should be. */
  readonly strictPeers?: boolean;
  /** Peers of which pnpm takes these versions too, whatever is asked for: its `peerDependencyRules`. */
  readonly allowedPeers?: Readonly<Record<string, string>>;
}

/** An installed application in a temporary folder. */
export interface OutsideProject extends Disposable {
  readonly folder: string;
  /** Writes a file, with the folders above it, and returns its path. */
  write(file: string, source: string): string;
}

/**
 * Makes an application in an empty folder outside the workspace and installs it with its own package manager.
 * Our packages come from their tarballs, also where they ask for each other: none is looked up by name. Or they come from
 * the registry where they are published, by their names alone.
 *
 * @throws Error when the installation fails; its message has what the package manager printed.
 */
export function outsideProject(options: OutsideProjectOptions): OutsideProject {
  const { packageManager, ours, theirs, published, strictPeers = false, allowedPeers = {} } = options;
  const { tarballs = {} } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tracing-outside-'));
  const files = Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]));
  const asked = Object.fromEntries(ours.map((name) => [name, published?.version ?? files[name]]));
  const manifest = {
    name: 'outside',
    private: true,
    dependencies: { ...asked, ...theirs },
    ...(packageManager === 'npm'
      ? { overrides: files }
      : { pnpm: { overrides: files, peerDependencyRules: { allowedVersions: allowedPeers } } }),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const settings = [
    ...(strictPeers ? [STRICT_PEERS[packageManager]] : []),
    ...(published ? [`@org:registry=${published.registry}\n`] : []),
  ];
  if (settings.length > 0) writeFileSync(join(folder, '.npmrc'), settings.join(''));
  // One store for all projects of a run, which goes with the tarballs.
  const store = published?.store ?? join(dirname(Object.values(tarballs)[0] ?? folder), 'store');
  install(packageManager, folder, store);
  return {
    folder,
    write(file, source) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, source);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const INSTALL = {
  npm: ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
  pnpm: ['install', '--ignore-scripts', '--loglevel=warn'],
};

function install(packageManager: 'npm' | 'pnpm', folder: string, store: string): void {
  const args = [...INSTALL[packageManager], ...(packageManager === 'pnpm' ? [`--store-dir=${store}`] : [])];
  const { status, stdout, stderr, error } = spawnSync(packageManager, args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`${packageManager} install failed: ${error?.message ?? `${stdout}${stderr}`}`);
}

const STRICT_PEERS = { npm: 'strict-peer-deps=true\n', pnpm: 'strict-peer-dependencies=true\n' };

/** The versions that this workspace has installed, as exact ranges. */
export function versionsHere(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
      return [name, JSON.parse(readFileSync(manifest, 'utf8')).version];
    }),
  );
}
