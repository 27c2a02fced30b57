import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { measureInstallation } from '../src/alone/installed-size.ts';

test('an installation is all of its files, and the packages that npm has written down', () => {
  const project = mkdtempSync(join(tmpdir(), 'bench-size-'));
  onTestFinished(() => rmSync(project, { recursive: true }));
  const nested = join(project, 'node_modules/a/node_modules/b');
  mkdirSync(nested, { recursive: true });
  const packages = { 'node_modules/a': {}, 'node_modules/a/node_modules/b': {} };
  const lock = JSON.stringify({ packages });
  writeFileSync(join(project, 'node_modules/.package-lock.json'), lock);
  writeFileSync(join(project, 'node_modules/a/index.js'), 'x'.repeat(1000));
  writeFileSync(join(nested, 'index.js'), 'x'.repeat(2000));
  // A command of a package is a link, which has no size of its own.
  symlinkSync('../a/index.js', join(project, 'node_modules/link.js'));
  expect(measureInstallation(project)).toEqual({ kilobytes: 3 + lock.length / 1000, packages: 2 });
});
