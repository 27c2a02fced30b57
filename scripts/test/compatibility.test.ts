import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { NODE_MAJORS } from '../node-versions.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { catalog } = parse(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')) as {
  readonly catalog: Readonly<Record<string, string>>;
};

interface Manifest {
  readonly engines: { readonly node: string };
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const packages = readdirSync(join(root, 'packages')).map((name) => {
  const folder = join(root, 'packages', name);
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, folder, manifest };
});
/** Those that have to be there. */
const peers = packages.flatMap(({ name, folder, manifest }) =>
  Object.entries(manifest.peerDependencies ?? {})
    .filter(([peer]) => !manifest.peerDependenciesMeta?.[peer]?.optional)
    .map(([peer, range]) => ({ name, folder, manifest, peer, range })),
);
const libraries = peers.filter(({ peer }) => ['express', 'fastify', 'koa', 'pg'].includes(peer));

test.each(packages)(
  'the page of $name asks for the Node of its package.json, the oldest that CI has',
  (each) => {
    const [, oldest = ''] = /^>=(\d+\.\d+)$/.exec(each.manifest.engines.node) ?? [];
    expect(compatibilityOf(each.folder).get('Node')).toMatch(new RegExp(`^${oldest} and newer\\b`));
    expect(Number(oldest.split('.')[0])).toBe(NODE_MAJORS[0]);
  },
);

test.each(peers)('the page of $name says which $peer may be there: $range', ({ folder, peer, range }) => {
  const [oldest, newest] = boundsOf(range);
  const isOneMajor = newest === undefined || oldest.startsWith(`${newest}.`);
  const versions = compatibilityOf(folder).get(peer) ?? '';
  expect(versions).toMatch(new RegExp(`^${oldest} and newer${isOneMajor ? '' : `, ${newest}`}(?:,|$)`));
});

test.each(libraries)('$name is tested with the oldest and the newest $peer of $range', (each) => {
  const [oldest, newest] = boundsOf(each.range);
  const exact = oldest.split('.').length === 3 ? oldest : `${oldest}.0`;
  const alias = Object.keys(each.manifest.devDependencies ?? {}).find(
    (name) => catalog[name] === `npm:${each.peer}@${exact}`,
  );
  expect(alias, exact).toBeDefined();
  expect(testsOf(each.folder)).toContain(`'${alias}'`);
  expect(catalog[each.peer]).toMatch(new RegExp(`^\\^${newest}\\.`));
});

test('every library that a plugin traces is among them', () => {
  expect(libraries.map(({ peer }) => peer)).toEqual(['express', 'fastify', 'koa', 'pg']);
});

/** `>=2.3 <4`: from 2.3 to 3. Of an open range the second is undefined. */
function boundsOf(range: string): [oldest: string, newest: number | undefined] {
  const [, oldest = '', end] = /^>=([\d.]+)(?: <(\d+))?$/.exec(range) ?? [];
  return [oldest, end === undefined ? undefined : Number(end) - 1];
}

/** The lines of the table under "Compatibility", by the name of what they are about. */
function compatibilityOf(folder: string): Map<string, string> {
  const [, section = ''] = readFileSync(join(folder, 'README.md'), 'utf8').split('\n## Compatibility\n');
  const [table = ''] = section.split('\n## ');
  const rows = [...table.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)];
  return new Map(
    rows.map(([, name = '', versions = '']) => {
      const plain = name.replaceAll('`', '');
      return [plain === 'Node' ? plain : plain.toLowerCase(), versions];
    }),
  );
}

/** What the tests and their settings are, as one text. */
function testsOf(folder: string): string {
  const files = readdirSync(join(folder, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, 'test', file));
  const settings = readdirSync(folder).filter((file) => file.startsWith('vitest.'));
  return [...files, ...settings.map((file) => join(folder, file))]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}
