import { spawnSync } from 'node:child_process';

import { expect, test } from 'vitest';

const steps = JSON.stringify(new URL('../steps.mjs', import.meta.url));

/** Runs one step in a process of its own, as `npm test` and `npm run demo` do; times left out. */
function run(program: string, quiet: boolean): { stdout: string; stderr: string } {
  const commandLine = JSON.stringify(['node', '--eval', program]);
  const script = `
    import { step } from ${steps};
    console.log(await step('Bake', ${commandLine}, { hint: 'Heat the oven.', quiet: ${quiet} }));`;
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  return { stdout: done.stdout.replaceAll(/\d+\.\d s/g, 'TIME').replaceAll(/ +/g, ' '), stderr: done.stderr };
}

const BAKES = `console.log('in the oven')`;
const BURNS = `console.log('in the oven'); console.error('it burns'); process.exit(3)`;

test('progress is visible: a line before each step, its output, and a line after it', () => {
  expect(run(BAKES, false).stdout).toBe(
    `[ TIME] ▸ Bake: node --eval ${BAKES}\nin the oven\n[ TIME] ✓ Bake (TIME)\ntrue\n`,
  );
});

test('a failure says what failed and what to do', () => {
  const { stdout, stderr } = run(BURNS, false);
  expect(stdout).toContain(
    `[ TIME] ✗ Bake failed (TIME): node --eval ${BURNS} gave 3. Heat the oven.\nfalse\n`,
  );
  expect(stderr).toBe('it burns\n');
});

test('a quiet step shows its output only when it fails', () => {
  expect(run(BAKES, true)).toEqual({ stdout: '[ TIME] ▸ Bake\n[ TIME] ✓ Bake (TIME)\ntrue\n', stderr: '' });
  expect(run(BURNS, true).stderr).toBe('in the oven\nit burns\n');
});

test('a program that is not there is a failure that says so', () => {
  const script = `
    import { step } from ${steps};
    console.log(await step('Bake', ['no-such-program'], { hint: 'Install it.' }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/✗ Bake failed .*: no-such-program gave .*ENOENT.*\. Install it\.\nfalse\n$/);
});
