import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { codeBlocks } from '../../src/read-me.ts';
import { ROOT } from '../../src/yaml-files.ts';

test('the command of the page makes the task definition that is there', () => {
  const [command] = codeBlocks('xray/README.md').filter(({ code }) => code.startsWith('jq '));
  const made = execFileSync('bash', ['-c', command?.code ?? 'false'], {
    cwd: join(ROOT, '../..'),
    encoding: 'utf8',
  });
  expect(JSON.parse(made)).toEqual(JSON.parse(readFileSync(`${ROOT}xray/task-definition.json`, 'utf8')));
});
