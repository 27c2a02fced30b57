import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join, sep } from 'node:path';

import { callSafely } from './call-safely.ts';
import { noteLibrary } from './met-libraries.ts';
import { isSupported } from './supported-version.ts';

/** A library, and where in it is what a plugin traces. */
export interface LoadedLibrary {
  /** Name of its package, as its package.json says: the folder may have another. */
  readonly name: string;
  /** The file in it whose exports are wanted, from its folder: `lib/index.js`. */
  readonly file: string;
  /** The versions that are known: {@link isSupported}. Another is told by `diag` and left alone. */
  readonly range: string;
}

/** What is used of Node's class for CommonJS modules, beside its types. */
interface ModuleLoader {
  readonly prototype: { load(this: LoadedModule, filename: string): unknown };
  readonly _cache: Readonly<Record<string, LoadedModule | undefined>>;
}

interface LoadedModule {
  readonly exports: unknown;
  readonly loaded: boolean;
}

/**
 * Calls `use` with the exports of each copy of a CommonJS file of a library, once for each: of those that are loaded now,
 * and of every other before whoever loads it has it. That holds for `require` and `import` alike, since Node loads
 * CommonJS for both by the one method that is wrapped here. Nothing is put in the place of what is exported.
 *
 * What `use` throws is told by `diag`, and the copy stays as it is.
 */
export function whenLoaded(library: LoadedLibrary, use: (exported: unknown) => void): void {
  const { prototype, _cache: cache } = Module as unknown as ModuleLoader;
  const file = join(sep, library.file);

  function look(filename: string, loaded: LoadedModule): void {
    if (!filename.endsWith(file)) return;
    const version = versionOf(library.name, filename.slice(0, -file.length));
    if (version === undefined) return;
    const used = callSafely(`${library.name} ${version} (${filename}) is not traced`, () => {
      if (!isSupported(version, library.range)) throw new RangeError(`known are ${library.range}`);
      use(loaded.exports);
      return true;
    });
    // Which is told by now.
    if (used === undefined) noteLibrary(library.name);
  }

  const { load } = prototype;
  prototype.load = function loadAndLook(filename) {
    const result = load.call(this, filename);
    look(filename, this);
    return result;
  };
  for (const [filename, module] of Object.entries(cache)) {
    if (module?.loaded) look(filename, module);
  }
}

/** Of the package in that folder; undefined where it is another, or none. */
function versionOf(name: string, folder: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { name: found, version } = manifest as { name?: unknown; version?: unknown };
    return found === name ? String(version) : undefined;
  } catch {
    return undefined;
  }
}
