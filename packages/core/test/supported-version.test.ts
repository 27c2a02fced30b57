import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { isSupported } from '../src/register/supported-version.ts';

test.each([
  ['4.23.0', '>=4.23 <6', true],
  ['5.12.8', '>=4.23 <6', true],
  ['4.22.9', '>=4.23 <6', false],
  ['6.0.0', '>=4.23 <6', false],
  ['6.0.0-alpha.1', '>=4.23 <6', false],
  ['5.0.0-alpha.1', '>=4.23 <6', true],
  ['8.0.3', '>=8.0.3 <9', true],
  ['8.0.2', '>=8.0.3 <9', false],
  ['10.0.0', '>=9', true],
  ['undefined', '>=4.23 <6', false],
  ['', '>=4.23 <6', false],
  ['5.1.0', '^5', false],
  ['5.1.0', '*', false],
])('%j in %j: %j', (version, range, expected) => {
  expect(isSupported(version, range)).toBe(expected);
});

test('the range of each peer of the plugins is of the form that is read', () => {
  const packages = new URL('../../', import.meta.url);
  const ranges = readdirSync(packages).flatMap((name) => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, packages), 'utf8')) as {
      exports: object;
      peerDependencies: Record<string, string>;
    };
    return './register' in manifest.exports ? [manifest.peerDependencies[name] ?? ''] : [];
  });
  expect(ranges.length).toBeGreaterThanOrEqual(4);
  for (const range of ranges) expect(range).toMatch(/^>=\d+(\.\d+){0,2} <\d+$/);
});
