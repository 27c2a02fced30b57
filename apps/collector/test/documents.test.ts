import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';

import { readCollectorConfig } from '../src/collector-config.ts';
import { CONFIGURATIONS } from '../src/configurations.ts';
import { environmentVariables, oldReferences } from '../src/environment-variables.ts';
import { isLoopback, listeners, portOf } from '../src/listeners.ts';
import { codeBlocks, codeIn, FOLDERS, localLinks, readPage, tableBelow } from '../src/read-me.ts';
import { parseDocuments, ROOT } from '../src/yaml-files.ts';

const WALKS = ['xray/ecs.md', 'xray/ecs-again.md', 'xray/existing-task.md'];
const PAGES = ['README.md', ...FOLDERS.map((folder) => `${folder}/README.md`), ...WALKS];

test('each file with pipelines is a configuration that the tests know', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?!node_modules).*\.ya?ml$/.test(file))
    .filter((file) => /^(?:exporters|receivers):/m.test(readFileSync(ROOT + file, 'utf8')));
  expect(files.toSorted()).toEqual([...new Set(CONFIGURATIONS.flatMap((one) => one.files))].toSorted());
});

test.each(FOLDERS)(
  '%s/README.md has each address on which its collectors listen, and says for whom',
  (folder) => {
    const rows = tableBelow(readPage(`${folder}/README.md`), 'Where it listens');
    const told = new Map<string, string[]>();
    for (const [files, addresses, who] of rows) {
      expect(who).not.toBe('');
      for (const file of codeIn(files)) told.set(file, [...(told.get(file) ?? []), ...codeIn(addresses)]);
    }
    for (const file of wholeFilesOf(folder)) {
      const heard = listeners(readCollectorConfig([`${folder}/${file}`]));
      expect(told.get(file)?.toSorted() ?? [], file).toEqual(heard.toSorted());
      told.delete(file);
    }
    // Of the other files only the ports that compose publishes are in the table.
    expect([...told.keys()]).toEqual(folder === 'jaeger' ? ['compose.yaml'] : []);
  },
);

test.each(['sidecar', 'xray'] as const)('nothing of %s listens beyond loopback', (folder) => {
  const addresses = wholeFilesOf(folder).flatMap((file) =>
    listeners(readCollectorConfig([`${folder}/${file}`])),
  );
  expect(addresses.length).toBeGreaterThan(5);
  expect(addresses.filter((address) => !isLoopback(address))).toEqual([]);
});

test('loopback is loopback, and neither a name nor every address is', () => {
  const addresses = [
    '127.0.0.1:4318',
    'localhost:4318',
    '[::1]:4318',
    '0.0.0.0:4318',
    '${env:POD_IP}:4318',
    ':4318',
  ];
  expect(addresses.filter(isLoopback)).toEqual(['127.0.0.1:4318', 'localhost:4318', '[::1]:4318']);
});

test('the first page has each port, and no other', () => {
  const told = tableBelow(readPage('README.md'), 'Ports').map(([port]) => Number(port));
  const heard = CONFIGURATIONS.flatMap(({ files }) => listeners(readCollectorConfig(files)).map(portOf));
  expect(told).toEqual([...new Set([...heard, 16686])].toSorted((one, other) => one - other));
});

test.each(FOLDERS)('%s/README.md has each variable that its files read, and no other', (folder) => {
  const told = tableBelow(readPage(`${folder}/README.md`), 'Variables').flatMap(([name]) => codeIn(name));
  const read = filesOf(folder).flatMap((file) =>
    environmentVariables(parseDocuments(readFileSync(`${ROOT}${folder}/${file}`, 'utf8'), file)),
  );
  expect(told.toSorted()).toEqual([...new Set(read.map(({ name }) => name))].toSorted());
});

test('variables are read by ${env:NAME} alone', () => {
  const old = CONFIGURATIONS.flatMap(({ files }) => oldReferences(readCollectorConfig(files).source));
  expect(old).toEqual([]);
  expect(oldReferences({ one: '$HOME/x', two: ['${HOME}', '${env:HOME}', '${env:HOME:-/root}'] })).toEqual([
    '$HOME',
    '${HOME}',
  ]);
  expect(
    environmentVariables({
      one: '${env:HOME}',
      two: ['${env:A:-1}', '${env:HOME:-/root}'],
      node_from_env_var: 'N',
    }),
  ).toEqual([
    { name: 'A', required: false },
    { name: 'HOME', required: true },
    { name: 'N', required: true },
  ]);
});

test('one version of each program is in the files, and is that of the first page', () => {
  const text = readPage('README.md').replaceAll(/\s+/g, ' ');
  const images = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?!node_modules).*\.(?:ya?ml|json)$/.test(file))
    .flatMap((file) => [
      ...readFileSync(ROOT + file, 'utf8').matchAll(/[\w.-]+\/(?:[\w.-]+\/)*([\w-]+):v?(\d+\.\d+\.\d+)/g),
    ])
    .map(([, name = '', version = '']) => `${name} ${version}`)
    .filter((image) => !image.startsWith('shop '));
  expect([...new Set(images)].toSorted()).toEqual([
    'aws-otel-collector 0.48.0',
    'jaeger 2.20.0',
    'opentelemetry-collector-contrib 0.162.0',
  ]);
  expect(text).toContain('`otel/opentelemetry-collector-contrib` 0.162.0, ADOT v0.48.0 and Jaeger 2.20.0');
});

test.each(PAGES)('%s is short, and its links lead somewhere', (page) => {
  expect(readPage(page).split('\n').length).toBeLessThanOrEqual(WALKS.includes(page) ? 151 : 121);
  const dead = localLinks(page).filter((link) => !existsSync(join(ROOT, dirname(page), link)));
  expect(dead).toEqual([]);
});

test.each(PAGES)('the anchors of %s are headings', (page) => {
  const anchored = [...readPage(page).matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)];
  const dead = anchored.filter(([, link = '', anchor = '']) => {
    const file = join(ROOT, link === '' ? page : join(dirname(page), link));
    const text = readFileSync(file.endsWith('.md') ? file : join(file, 'README.md'), 'utf8');
    return !headings(text).includes(anchor);
  });
  expect(dead.map(([whole]) => whole)).toEqual([]);
});

test.each(FOLDERS)('%s/README.md says that no program has seen its files', (folder) => {
  expect(readPage(`${folder}/README.md`)).toContain(
    'Not verified against the programs where this was written',
  );
  expect(readPage('README.md')).toContain('\n## What these files were checked with\n');
});

test('the commands of the pages are of the shell, and name files that are there', () => {
  const blocks = PAGES.flatMap(codeBlocks).filter(({ language }) => language === 'sh');
  expect(blocks.length).toBeGreaterThan(8);
  for (const { page, code } of blocks) {
    expect(spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' }).stderr, page).toBe('');
    const files = [...code.matchAll(/apps\/collector[\w./-]*/g)].map(([file]) => join(ROOT, '../..', file));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  }
});

test('the other blocks are YAML, and set what the text around them names', () => {
  const blocks = PAGES.flatMap(codeBlocks).filter(({ language }) => language === 'yaml');
  expect(blocks.length).toBe(4);
  for (const { code } of blocks) expect(parseDocument(code).errors).toEqual([]);
  const names = PAGES.flatMap(codeBlocks).map(({ language }) => language);
  expect(new Set(names)).toEqual(new Set(['sh', 'yaml', 'text', 'json']));
});

/** Headings, as links name them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

/** Files of a folder with which alone a collector starts, as its README names them. */
function wholeFilesOf(folder: string): string[] {
  const alone = new Set(
    CONFIGURATIONS.filter(({ files }) => files.length === 1).flatMap(({ files }) => files),
  );
  return filesOf(folder).filter((file) => alone.has(`${folder}/${file}`));
}

/** Files of collectors in a folder, as its README names them. */
function filesOf(folder: string): string[] {
  const files = CONFIGURATIONS.flatMap((configuration) => configuration.files).filter((file) =>
    file.startsWith(`${folder}/`),
  );
  return [...new Set(files)].map((file) => file.slice(folder.length + 1));
}
