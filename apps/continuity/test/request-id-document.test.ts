import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const document = readFileSync(`${root}/docs/request-id.md`, 'utf8');

const blocks = [...document.matchAll(/## (.*)\n[^#]*?```js\n([^]*?)```/g)].map(
  ([, title = '', code = '']) => ({
    title,
    code,
    // What is imported has to be found: one folder has the frameworks, the other the SDK.
    folder: `${root}/${code.includes("'koa'") ? 'apps/continuity' : 'packages/core'}`,
    prints: [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, printed = '']) => printed),
    // A comment shows the parts of a line that matter.
    logs: [...code.matchAll(/log\.info\(.*\); \/\/ (.*)/g)].flatMap(
      ([, line = '']) => line.match(/"[^…]+"/g) ?? [],
    ),
  }),
);

/** Runs a program that ends by itself. */
async function run(code: string, cwd: string): Promise<{ stdout: string; stderr: string; code: unknown }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<unknown>((resolve) => {
    child.once('close', resolve);
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr, code: await exit };
}

test('docs/request-id.md shows each part', () => {
  expect(blocks.map(({ title }) => title)).toEqual([
    'Turning it on',
    'Where no header goes',
    'More of the baggage',
    'A provider of your own',
  ]);
});

test.each(blocks)('docs/request-id.md, $title: the program says what its comments say', async (block) => {
  expect(block.prints).not.toEqual([]);
  const { stdout, stderr, code } = await run(block.code, block.folder);
  expect({ stdout, code }, stderr).toEqual({
    stdout: block.prints.map((line) => `${line}\n`).join(''),
    code: 0,
  });
  for (const part of block.logs) expect(stderr).toContain(part);
});
