import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const members = ['packages', 'apps'].flatMap((kind) =>
  readdirSync(join(root, kind)).map((name) => ({ kind, name, manifest: manifestOf(kind, name) })),
);

test('pnpm --filter … test builds first what the package needs', () => {
  const pretests = members.map(({ manifest }) => manifest.scripts['pretest']);
  expect(pretests).toEqual(members.map(() => 'node ../../scripts/build-first.mjs'));
});

test('packages are published under the name of their folder, apps are private', () => {
  const names = members.map(({ manifest }) => manifest.name);
  expect(names).toEqual(
    members.map(({ kind, name }) => (kind === 'packages' ? `@org/tracing-${name}` : `@org/${name}`)),
  );
  expect(members.map(({ manifest }) => manifest.private === true)).toEqual(
    members.map(({ kind }) => kind === 'apps'),
  );
});

test('all packages and apps ask for the same Node, under the one licence', () => {
  const { engines, license } = manifestOf('.', '.');
  expect(members.map(({ manifest }) => [manifest.engines.node, manifest.license])).toEqual(
    members.map(() => [engines.node, license]),
  );
});

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
}

function manifestOf(kind: string, name: string): Manifest {
  return JSON.parse(readFileSync(join(root, kind, name, 'package.json'), 'utf8'));
}
