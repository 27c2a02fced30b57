import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { missingPrograms, PROGRAMS } from '../src/programs.ts';

test('a program is missing that no folder of the PATH has, that cannot be run, or that is too old', () => {
  const folder = mkdtempSync(join(tmpdir(), 'collector-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  expect(missingPrograms(folder)).toEqual(Object.keys(PROGRAMS));
  writeFileSync(join(folder, 'kubectl'), '', { mode: 0o755 });
  writeFileSync(join(folder, 'jq'), '', { mode: 0o644 });
  writeFileSync(join(folder, 'aws'), '#!/bin/sh\nexit 252\n', { mode: 0o755 });
  const path = ['/nowhere', folder].join(delimiter);
  expect(missingPrograms(path)).toEqual(['otelcol-contrib', 'jq', 'aws']);
  writeFileSync(join(folder, 'aws'), '#!/bin/sh\n', { mode: 0o755 });
  expect(missingPrograms(path)).toEqual(['otelcol-contrib', 'jq']);
});
