// Not by name: the banner that an ESM bundle needs declares `createRequire` itself.
import nodeModule from 'node:module';
import { join } from 'node:path';

/** A package that core does without, found beside this package, beside the program or in the working directory. */
export interface OptionalPackage {
  /** Loads it now. Throws where it cannot be loaded. */
  load(): unknown;
  /** Loads one of its own dependencies. */
  loadDependency(name: string): unknown;
}

/** Where any of the places has the package; undefined where none has. Nothing is loaded by this. */
export function findOptionalPackage(name: string): OptionalPackage | undefined {
  const path = resolve(name);
  if (path === undefined) return undefined;
  const requireThere = nodeModule.createRequire(path);
  return {
    load: () => requireThere(path) as unknown,
    loadDependency: (other) => requireThere(other) as unknown,
  };
}

function resolve(name: string): string | undefined {
  // A bundle in CommonJS has no `import.meta.url`, whatever the types say.
  const here = import.meta.url as string | undefined;
  for (const place of [here, process.argv[1], join(process.cwd(), 'index.js')]) {
    if (place === undefined) continue;
    try {
      return nodeModule.createRequire(place).resolve(name);
    } catch {
      // Not there: the next place.
    }
  }
  return undefined;
}
