import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = filesBelow('packages/core/src');

/** The code of each finding, as the sources write it. */
const FINDING = /\b(?:problem|note|ok)\(\s*'([a-z0-9-]+)'/g;

const codes = found(sources.map(({ text }) => text).join('\n'), FINDING);

test('docs/doctor.md has every finding of the doctor, and no other', () => {
  const document = readFileSync(join(root, 'docs/doctor.md'), 'utf8');
  const rows = document.split('\n').filter((line) => /^\| `[a-z0-9-]+`.*\| (?:problem|note|ok)/.test(line));
  const named = rows.flatMap((row) => [...found(row.split('|')[1] ?? '', /`([a-z0-9-]+)`/g)]);
  expect(codes.size).toBeGreaterThan(40);
  expect(named.toSorted()).toEqual([...codes].toSorted());
});

test('each finding has a test that names it', () => {
  const tests = [...filesBelow('packages/core/test'), ...filesBelow('apps/packed/test')]
    .filter(({ file }) => file.includes('doctor'))
    .map(({ text }) => text)
    .join('\n');
  expect([...codes].filter((code) => !new RegExp(`['"\`]${code}['"\`:]`).test(tests))).toEqual([]);
});

test('the doctor knows the variables that the kit reads', () => {
  const [list] = sources.filter(({ file }) => file.endsWith('read-variables.ts'));
  const literal = /'(OTEL_[A-Z_]+[A-Z])'/g;
  const others = sources.filter((source) => source !== list).map(({ text }) => text);
  const read = found(others.join('\n'), literal);
  expect(read.size).toBeGreaterThan(20);
  const known = found(list?.text ?? '', literal);
  expect([...read].filter((name) => !known.has(name) && !name.startsWith('OTEL_EXPORTER_OTLP_'))).toEqual([]);
});

test('the doctor knows each plugin, and nothing else of core names what they trace', () => {
  const libraries = readdirSync(join(root, 'packages')).filter((name) => {
    const { peerDependencies = {} } = JSON.parse(
      readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
    );
    return name in peerDependencies;
  });
  const [list] = sources.filter(({ file }) => file.endsWith('kit-plugins.ts'));
  expect(libraries.length).toBeGreaterThan(3);
  expect(/TRACEABLE: readonly string\[\] = \[(.*)\]/.exec(list?.text ?? '')?.[1]).toBe(
    libraries.map((name) => `'${name}'`).join(', '),
  );
  const naming = new RegExp(`\\b(?:${libraries.filter((name) => name !== 'pg').join('|')})\\b`, 'i');
  expect(
    sources.filter((source) => source !== list && naming.test(source.text)).map(({ file }) => file),
  ).toEqual([]);
});

function filesBelow(folder: string): { file: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join(root, folder, file), 'utf8') }));
}

function found(text: string, pattern: RegExp): Set<string> {
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
}
