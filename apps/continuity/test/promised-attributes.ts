import { readFileSync } from 'node:fs';

const DOCUMENT = readFileSync(new URL('../../../docs/attributes.md', import.meta.url), 'utf8');

/** The names in backticks of one section of docs/attributes.md: of its tables, or of its text where it has none. */
export function promised(heading: string): string[] {
  const section = DOCUMENT.split(/^## /m).find((each) => each.startsWith(heading));
  if (section === undefined) throw new Error(`docs/attributes.md has no section "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const places = rows.length > 0 ? rows.map((row) => row.split('|', 2)[1] ?? '') : [section];
  return places.flatMap((place) => [...place.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** Those of `names` that nothing in `promises` covers; `telemetry.sdk.*` covers what begins so. */
export function unpromised(names: Iterable<string>, promises: readonly string[]): string[] {
  return [...new Set(names)].filter(
    (name) =>
      !promises.some((promise) =>
        promise.endsWith('*') ? name.startsWith(promise.slice(0, -1)) : name === promise,
      ),
  );
}
