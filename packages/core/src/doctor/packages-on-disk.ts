// Not by name: the banner that an ESM bundle needs declares `createRequire` itself.
import nodeModule from 'node:module';
import { readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, sep } from 'node:path';

import type { PackageCopy } from './doctor-report.ts';

/** What is used of a package.json. */
export interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The manifest of a folder; undefined where there is none that can be read. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** The folder, or the nearest above it, that has a package.json. */
export function projectFolder(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (readManifest(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The copy of a package that code in `folder` gets; undefined where it gets none. Nothing is loaded. */
export function installedPackage(name: string, folder: string): PackageCopy | undefined {
  // Not resolved as a module: `exports` of many a package hides its package.json.
  for (const place of packageFolders(folder)) {
    const manifest = readManifest(join(place, name));
    if (manifest) return copyOf(name, realpathSync(join(place, name)), manifest);
  }
  return undefined;
}

/** Where Node looks for packages that code in `folder` asks for. */
function packageFolders(folder: string): readonly string[] {
  const above: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    above.push(join(at, 'node_modules'));
    if (at === dirname(at)) break;
  }
  // pnpm's script around a command adds its store, with packages of other services, which the program does not get.
  const named = (process.env['NODE_PATH'] ?? '')
    .split(delimiter)
    .filter((place) => place !== '' && !place.includes(`${sep}.pnpm${sep}`));
  return [...above, ...named];
}

/**
 * Packages of these names that this process has loaded as CommonJS, which an ES module that imports them does too. What
 * is an ES module itself, or part of a bundle, leaves no mark.
 */
export function loadedPackages(isWanted: (name: string) => boolean): readonly PackageCopy[] {
  const { cache } = nodeModule.createRequire(join(process.cwd(), 'index.js'));
  const found = new Map<string, PackageCopy>();
  for (const file of Object.keys(cache)) {
    const { name, folder } = packageOf(file) ?? {};
    if (name === undefined || folder === undefined || found.has(folder) || !isWanted(name)) continue;
    found.set(folder, copyOf(name, folder, readManifest(folder)));
  }
  return [...found.values()];
}

const MODULES = `${sep}node_modules${sep}`;

/** By the last folder of packages on its path. */
function packageOf(file: string): { name: string; folder: string } | undefined {
  const start = file.lastIndexOf(MODULES);
  if (start < 0) return undefined;
  const parts = file.slice(start + MODULES.length).split(sep);
  const named = parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1);
  return { name: named.join('/'), folder: file.slice(0, start + MODULES.length) + named.join(sep) };
}

function copyOf(name: string, folder: string, manifest: Manifest | undefined): PackageCopy {
  return { name, version: manifest?.version ?? 'unknown', folder };
}

/** Each folder once. */
export function distinct(copies: readonly (PackageCopy | undefined)[]): readonly PackageCopy[] {
  const found = new Map<string, PackageCopy>();
  for (const copy of copies) if (copy) found.set(copy.folder, copy);
  return [...found.values()];
}
