import { expect, test } from 'vitest';

import { coldStart } from '../src/alone/cold-start.ts';

const program = { node: process.execPath, cwd: process.cwd(), form: 'commonjs', source: '' } as const;

test('a program that works uses more CPU time than one that does not', async () => {
  const empty = await coldStart(program);
  const busy = await coldStart({
    ...program,
    source: 'const end = process.cpuUsage().user + 500_000; while (process.cpuUsage().user < end);',
  });
  expect(empty.cpu).toBeGreaterThan(0);
  expect(empty.cpu).toBeLessThan(500);
  expect(busy.cpu).toBeGreaterThan(500);
  expect(busy.wall).toBeGreaterThan(400);
});

test('a program that leaves something running is ended', async () => {
  expect((await coldStart({ ...program, source: 'setInterval(() => {}, 1000);' })).cpu).toBeGreaterThan(0);
});

test('an ES module is run as one', async () => {
  const source = "import { basename } from 'node:path'; basename(import.meta.url);";
  expect((await coldStart({ ...program, form: 'module', source })).cpu).toBeGreaterThan(0);
});

test('a program that throws fails the measurement, with what it said', async () => {
  await expect(coldStart({ ...program, source: "throw new Error('no such module');" })).rejects.toThrow(
    'no such module',
  );
});
