import { execFileSync } from 'node:child_process';
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
  readonly tarballs: Readonly<Record<string, string>>;
}

/** An installed application in a temporary folder. */
export interface OutsideProject extends Disposable {
  readonly folder: string;
  /** Writes a file, with the folders above it, and returns its path. */
  write(file: string, source: string): string;
}

/**
 * Makes an application in an empty folder outside the workspace and installs it with its own package manager.
 * Our packages come from their tarballs, also where they ask for each other: none is looked up by name.
 *
 * @throws Error when the installation fails; its output is on stderr.
 */
export function outsideProject(options: OutsideProjectOptions): OutsideProject {
  const { packageManager, ours, theirs, tarballs } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tracing-outside-'));
  const files = Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]));
  const asked = Object.fromEntries(ours.map((name) => [name, files[name]]));
  const manifest = {
    name: 'outside',
    private: true,
    dependencies: { ...asked, ...theirs },
    ...(packageManager === 'npm' ? { overrides: files } : { pnpm: { overrides: files } }),
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  execFileSync(packageManager, INSTALL[packageManager], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
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
  pnpm: ['install', '--ignore-scripts', '--store-dir=.store', '--loglevel=warn'],
};

/** The versions that this workspace has installed, as exact ranges. */
export function versionsHere(...names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
      return [name, JSON.parse(readFileSync(manifest, 'utf8')).version];
    }),
  );
}
