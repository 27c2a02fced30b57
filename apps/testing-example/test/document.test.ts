import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { steady } from './steady.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

function blocksOf(path: string): readonly { language: string; text: string }[] {
  return [...read(path).matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

const DOCUMENT = '../../../docs/test-your-traces.md';
const FAILURES = '../../../docs/trace-assertions.md';
const READ_ME = '../../../packages/testing/README.md';

test.each([
  [
    DOCUMENT,
    ['sh', 'js', 'js', 'ts', 'js'],
    ['../stock.js', '../orders.js', 'orders.test.ts', 'orders.node.mjs'],
  ],
  [READ_ME, ['sh', 'ts', 'ts'], ['two-services.test.ts', 'one-process.test.ts']],
])('the programs in %s are the files of this package, whole', (path, languages, files) => {
  const blocks = blocksOf(path);
  expect(blocks.map(({ language }) => language)).toEqual(languages);
  const programs = blocks.filter(({ language }) => language === 'ts' || language === 'js');
  expect(programs.map(({ text }) => text)).toEqual(files.map((file) => read(file)));
});

test('each program in docs/test-your-traces.md stands below its name', () => {
  const names = [...read(DOCUMENT).matchAll(/^`([\w.]+)`[^`]*(?:`[^`]+`[^`]*)?:\n\n```(?:js|ts)$/gm)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(['stock.js', 'orders.js', 'orders.test.ts', 'orders.node.mjs']);
});

test('what docs/test-your-traces.md installs is what its programs import, and their runner', () => {
  const [shell, ...programs] = blocksOf(DOCUMENT);
  const imported = programs.flatMap(({ text }) =>
    [...text.matchAll(/ from '(?!node:)((?:@[\w-]+\/)?[\w-]+)/g)].map(([, name]) => name),
  );
  const installed = [...(shell?.text ?? '').matchAll(/npm install (?:--save-dev )?(.*)/g)].flatMap(
    ([, names]) => names?.split(' '),
  );
  // The peer of the packages that are imported.
  expect(new Set(installed)).toEqual(new Set([...imported, '@opentelemetry/api']));
});

test('the failures in docs/trace-assertions.md are those of failures.test.ts', () => {
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  const known = lines(read('failures.test.ts').replaceAll('\\`', '`'));
  const failures = blocksOf(FAILURES).filter(({ language }) => language === 'text');
  expect(failures).toHaveLength(3);
  for (const { text } of failures) expect(known).toContain(lines(steady(text)).trim());
});
