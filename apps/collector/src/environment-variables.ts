import { entries, items } from './yaml-files.ts';
import type { Value } from './yaml-files.ts';

/** A variable of the environment that a configuration reads. */
export interface Variable {
  readonly name: string;
  /** Whether it has no default, so that whoever starts the collector has to set it. */
  readonly required: boolean;
}

const REFERENCE = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)(:-[^}]*)?\}/g;

/** Every variable that is read, once each, by name. What has a default in one place only is required. */
export function environmentVariables(value: Value): Variable[] {
  const found = new Map<string, boolean>(namedVariables(value).map((name) => [name, true]));
  for (const text of textsWithin(value)) {
    for (const [, name = '', fallback] of text.matchAll(REFERENCE)) {
      found.set(name, found.get(name) === true || fallback === undefined);
    }
  }
  return [...found]
    .map(([name, required]) => ({ name, required }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Variables that an option names, and the component reads. */
function namedVariables(value: Value): string[] {
  const named = entries(value).flatMap(([key, inner]) =>
    key === 'node_from_env_var' && typeof inner === 'string' ? [inner] : namedVariables(inner),
  );
  return [...named, ...items(value).flatMap((inner) => namedVariables(inner))];
}

/** References that the collector would leave as they are, or read in a way of the past: `$NAME`, `${NAME}`. */
export function oldReferences(value: Value): string[] {
  return textsWithin(value).flatMap((text) =>
    [...text.replaceAll(REFERENCE, '').matchAll(/\$\{?[A-Za-z_][\w:-]*\}?/g)].map(([reference]) => reference),
  );
}

function textsWithin(value: Value): string[] {
  if (typeof value === 'string') return [value];
  return [...items(value), ...entries(value).map(([, inner]) => inner)].flatMap((inner) =>
    textsWithin(inner),
  );
}
