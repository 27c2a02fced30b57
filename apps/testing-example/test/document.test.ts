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
const READ_ME = '../../../packages/testing/README.md';

test.each([
  [DOCUMENT, ['sh', 'ts', 'js', 'text', 'text'], ['orders.test.ts', 'orders.node.mjs']],
  [READ_ME, ['sh', 'ts', 'ts'], ['two-services.test.ts', 'one-process.test.ts']],
])('the programs in %s are the tests of this package, whole', (path, languages, files) => {
  const blocks = blocksOf(path);
  expect(blocks.map(({ language }) => language)).toEqual(languages);
  const programs = blocks.filter(({ language }) => language === 'ts' || language === 'js');
  expect(programs.map(({ text }) => text)).toEqual(files.map((file) => read(file)));
});

test('the failures in docs/test-your-traces.md are those of failures.test.ts', () => {
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trim())
      .join('\n');
  const known = lines(read('failures.test.ts').replaceAll('\\`', '`'));
  const failures = blocksOf(DOCUMENT).filter(({ language }) => language === 'text');
  for (const { text } of failures) expect(known).toContain(lines(steady(text)).trim());
});
