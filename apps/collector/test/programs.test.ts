import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { missingPrograms, PROGRAMS } from '../src/programs.ts';

test('a program is missing that no folder of the PATH has, or that cannot be run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collector-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(missingPrograms(folder)).toEqual(Object.keys(PROGRAMS));
  writeFileSync(join(folder, 'kubectl'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'jq'), '', { mode: 0o644 });
  expect(missingPrograms(['/nowhere', folder].join(delimiter))).toEqual(['otelcol-contrib', 'jq']);
});
