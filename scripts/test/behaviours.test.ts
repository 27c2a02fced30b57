import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folders of tests, and of the suite that tests are made of. */
const TESTED = /^(?:packages|apps)\/[^/]+\/(?:test|src\/contract)\/.*\.ts$/;

/** Numbers as a title has them: `(K4)`, `(K4, K5)`, `K4: …`, `K4, X8: …`. */
const IN_TITLE = /(?:\(|['"`, ])([A-Z]\d{1,2})(?=[,):])/g;

function promised(): string[] {
  const document = readFileSync(join(root, 'docs/behaviours.md'), 'utf8');
  return [...document.matchAll(/^\| ([A-Z]\d+) +\|/gm)].map(([, number = '']) => number);
}

function tested(): Set<string> {
  const files = ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).flatMap((name) =>
      ['test', 'src/contract'].flatMap((folder) => filesOf(join(kind, name, folder))),
    ),
  );
  const numbers = files
    .filter((file) => TESTED.test(file))
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(IN_TITLE)]);
  return new Set(numbers.map(([, number = '']) => number));
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(folder, file),
    );
  } catch {
    return [];
  }
}

test('each numbered behaviour is promised once and named by a test', () => {
  const numbers = promised();
  expect(numbers.length).toBeGreaterThan(100);
  expect(new Set(numbers).size).toBe(numbers.length);
  const named = tested();
  expect(numbers.filter((number) => !named.has(number))).toEqual([]);
});
