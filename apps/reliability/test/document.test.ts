import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { readArguments } from '../src/arguments.ts';
import { replaceSection, SECTIONS } from '../src/document.ts';
import { table } from '../src/table.ts';

const DOCUMENT = readFileSync(new URL('../../../docs/reliability.md', import.meta.url), 'utf8');

test.each(SECTIONS)('the page has a place for the section "%s", and all around it stays', (section) => {
  const written = replaceSection(DOCUMENT, section, 'measured');
  const [before = '', after = ''] = written.split('\n\nmeasured\n\n');
  expect(DOCUMENT.startsWith(before)).toBe(true);
  expect(DOCUMENT.endsWith(after)).toBe(true);
  expect(replaceSection(written, section, 'measured')).toBe(written);
});

test('a page without the place is left alone', () => {
  expect(() => replaceSection('# Reliability', 'faults', 'measured')).toThrow(
    'the document has no "<!-- faults: written by pnpm reliability -->"',
  );
});

test('the columns of a table are as wide as what is in them', () => {
  const columns = [
    ['name', 'left'],
    ['spans', 'right'],
  ] as const;
  expect(table(columns, [['refused', '12']])).toBe(
    ['| name    | spans |', '| ------- | ----: |', '| refused |    12 |'].join('\n'),
  );
});

test('the command line names a row or a section, and anything else is told what there is', () => {
  expect(readArguments([], ['refused'])).toEqual({ only: undefined, quick: false });
  expect(readArguments(['--quick', '--only', 'refused'], ['refused'])).toEqual({
    only: 'refused',
    quick: true,
  });
  expect(() => readArguments(['--only', 'x'], ['refused'])).toThrow(
    '--only: expected one of refused, got "x"',
  );
  expect(() => readArguments(['--all'], ['refused'])).toThrow("Unknown option '--all'");
});
