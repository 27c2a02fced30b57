import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { suites } from '../matrix-cell.mjs';
import { drawMarkdown, drawTable } from '../matrix-table.mjs';
import { NODE_MAJORS, provideNode } from '../node-versions.mjs';

const scripts = fileURLToPath(new URL('..', import.meta.url));
const own = Number(process.versions.node.split('.')[0]);

test('the matrix has the suite of every package, and the one with the oldest pg', () => {
  const names = suites().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['core', 'fastify', 'koa', 'express', 'pg', 'pg:oldest']));
  expect(names).toEqual(expect.arrayContaining(['testing', 'packed', 'continuity', 'company']));
});

test('a word that is neither a Node nor a suite is told so, and nothing runs', () => {
  const done = spawnSync(process.execPath, [join(scripts, 'test-matrix.mjs'), '26', 'kao'], {
    encoding: 'utf8',
  });
  expect(done.stderr).toMatch(
    /^Neither a Node nor a suite: kao\.\nNodes: 20, 22, 24, 26\. Suites: .*\bkoa\b/,
  );
  expect([done.status, done.stdout]).toEqual([1, '']);
});

test('the table has a line for each suite and a column for each Node', () => {
  const cells = new Map([
    ['pg 20', '306 passed, 59 s'],
    ['pg:oldest 20', '2 FAILED of 296, 73 s'],
    ['pg 26', 'no Node'],
  ]);
  expect(drawTable([{ name: 'pg' }, { name: 'pg:oldest' }], [20, 26], cells)).toBe(
    [
      '           Node 20                Node 26',
      'pg         306 passed, 59 s       no Node',
      'pg:oldest  2 FAILED of 296, 73 s  left out',
    ].join('\n'),
  );
});

test('the cells of several runs join to one table of Markdown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-cells-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '20.json'), JSON.stringify({ 'koa 20': '9 passed, 1 s' }));
  writeFileSync(join(folder, '26.json'), JSON.stringify({ 'koa 26': '1 FAILED of 9, 2 s' }));
  const { stdout, status } = spawnSync(process.execPath, [join(scripts, 'matrix-join.mjs'), folder], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  const cells = new Map([
    ['koa 20', '9 passed, 1 s'],
    ['koa 26', '1 FAILED of 9, 2 s'],
  ]);
  expect(stdout.trimEnd()).toBe(drawMarkdown(suites(), NODE_MAJORS, cells));
  expect(stdout).toContain('| koa | 9 passed, 1 s | left out | left out | 1 FAILED of 9, 2 s |\n');
});

test("this process's own Node is the one of its major", () => {
  expect(provideNode(own)).toEqual({ path: process.execPath, version: process.versions.node });
});

test('a Node that cannot be fetched is told by the package that was asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-scripts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(scripts, 'node-versions.mjs'), join(folder, 'scripts/node-versions.mjs'));
  const major = NODE_MAJORS.find((each) => each !== own);
  const script = `
    import { provideNode } from ${JSON.stringify(join(folder, 'scripts/node-versions.mjs'))};
    try { provideNode(${major}); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    // Nobody listens there.
    env: { ...process.env, npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' },
  });
  expect(stdout).toMatch(
    new RegExp(`^node-[a-z0-9-]+@${major} could not be fetched through npm: .*ECONNREFUSED`, 's'),
  );
  expect(stdout).toContain('Check the network, then run this again.');
});
