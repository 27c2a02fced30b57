import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, test, vi } from 'vitest';

// The processes start one after the other.
vi.setConfig({ testTimeout: 60_000 });

/** Runs a file of tests by Node's own runner. */
async function nodeTest(file: string): Promise<{ code: unknown; stdout: string }> {
  // A file that finds itself in a test run by another is a test of that one.
  const { NODE_TEST_CONTEXT: _outer, ...env } = process.env;
  const child = spawn(process.execPath, ['--test', '--test-reporter=spec', `test/${file}`], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...env, COLUMNS: '120', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code, stdout };
}

test('by node:test, the same order holds', async () => {
  const { code, stdout } = await nodeTest('orders.node.mjs');
  expect(stdout).toContain('an order is one trace over both services, with their log lines');
  expect({ code, passed: /pass (\d+)/.exec(stdout)?.[1] }, stdout).toEqual({ code: 0, passed: '1' });
});

test('by node:test, a failure shows the trees, and the line of the test', async () => {
  const { code, stdout } = await nodeTest('wrong-tree.node.mjs');
  const shown = stdout.split('\n').map((line) => line.trim().replace(/trace \w{32}/, 'trace ID'));
  expect(code).toBe(1);
  const first = shown.findLastIndex((line) => line.includes('expected the trace tree to match'));
  expect(shown.slice(first + 1, first + 7)).toEqual([
    '"read cache" (reports): name: expected "read database", got "read cache"',
    '',
    'trace ID',
    'Expected         │ Received',
    'report           │ reports  report         INTERNAL',
    '└─ read database ≠ reports  └─ read cache  INTERNAL',
  ]);
  expect(shown.slice(first).join('\n')).toMatch(/at .*wrong-tree\.node\.mjs:\d+/);
});
