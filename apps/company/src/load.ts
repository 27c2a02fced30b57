import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Whether modules are loaded as CommonJS loads them, past the hooks of instrumentations. */
export const isCommonJs: boolean = process.env['MODULES'] === 'cjs';

/** Loads a module by `require` or `import`. */
export async function load<T>(name: string): Promise<T> {
  return (isCommonJs ? require(name) : await import(name)) as T;
}

/** Loads what a module exports by default, or as all of it. */
export async function loadDefault<T>(name: string): Promise<T> {
  const loaded = await load<T & { default?: T }>(name);
  return loaded.default ?? loaded;
}

/** Lets instrumentations that wait for a `require` see a module that is loaded already. */
export function requireAgain(names: readonly string[]): void {
  for (const name of names) require(name);
}
