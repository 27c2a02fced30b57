import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

test('each plugin re-exports the same of core, so that one install serves', () => {
  const lists = ['fastify', 'koa', 'express', 'pg'].map((name) => {
    const source = readFileSync(join(root, 'packages', name, 'src/index.ts'), 'utf8');
    return /export \{([^}]*)\} from '@org\/tracing-core'/.exec(source)?.[1]?.trim();
  });
  expect(new Set(lists).size).toBe(1);
  expect(lists[0]).toContain('initTracing');
});

test('the samples start alone with pnpm start: built first, then the file that their own tests start', () => {
  for (const name of ['dispatcher', 'commander', 'inventory', 'worker']) {
    expect(manifestOf('apps', name).scripts, name).toMatchObject({
      prestart: 'node ../../scripts/build-first.mjs',
      start: 'node dist/server.js',
    });
    const started = readFileSync(join(root, 'apps', name, 'test/start.test.ts'), 'utf8');
    expect(started, name).toContain("'../dist/server.js'");
  }
});

const STRICT = [
  'strict',
  'exactOptionalPropertyTypes',
  'noUncheckedIndexedAccess',
  'verbatimModuleSyntax',
  'isolatedDeclarations',
  'erasableSyntaxOnly',
];

test('one root list of compiler options holds, no package relaxes it', () => {
  const base = readJson('tsconfig.base.json') as TypeScriptConfig;
  expect(STRICT.filter((name) => base.compilerOptions[name] !== true)).toEqual([]);
  const own = members
    .map(({ kind, name }) => `${kind}/${name}/tsconfig.json`)
    .filter((file) => existsSync(join(root, file)));
  expect(own.length).toBeGreaterThanOrEqual(members.filter(({ kind }) => kind === 'packages').length);
  for (const file of own) {
    expect(readJson(file), file).toEqual({
      extends: '../../tsconfig.base.json',
      compilerOptions: { rootDir: 'src', outDir: 'dist' },
      include: ['src'],
    });
  }
});

test('versions are shared through the catalog: no package or app names one of its own', () => {
  const named = [...members, { name: 'root', manifest: manifestOf('.', '.') }].flatMap(({ name, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, range]) => !range.startsWith('catalog:') && !range.startsWith('workspace:'))
      .map(([dependency, range]) => `${name}: ${dependency} ${range}`),
  );
  expect(named).toEqual([]);
});

test('there is one licence file, Apache-2.0', () => {
  const files = execFileSync('git', ['ls-files', '--', '*LICEN[CS]E*'], { cwd: root, encoding: 'utf8' });
  expect(files.trim().split('\n')).toEqual(['LICENSE']);
  expect(readFileSync(join(root, 'LICENSE'), 'utf8')).toMatch(/Apache License\s+Version 2\.0/);
});

test('the root README has at most 150 lines, and the two commands come first; that of a package at most 120', () => {
  const readMe = readFileSync(join(root, 'README.md'), 'utf8');
  expect(readMe.split('\n').length).toBeLessThanOrEqual(150);
  const [, firstBlock] = readMe.split('```');
  expect(firstBlock).toMatch(/^sh\nnpm run demo .*\nnpm test .*\n$/);
  const long = members
    .filter(({ kind }) => kind === 'packages')
    .map(({ kind, name }) => join(root, kind, name, 'README.md'))
    .filter((file) => readFileSync(file, 'utf8').split('\n').length > 121);
  expect(long).toEqual([]);
});

interface TypeScriptConfig {
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(kind: string, name: string): Manifest {
  return readJson(join(kind, name, 'package.json')) as Manifest;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}
