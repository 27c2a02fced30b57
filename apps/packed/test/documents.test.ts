import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import {
  type DocumentWalk,
  readersEnvironment,
  type RunningCommands,
  startCommands,
  startWalk,
} from './document-walk.ts';
import { type Blocks, blocksBelow, withoutTimes } from './documented-blocks.ts';
import { freePorts } from './free-ports.ts';

// The packages of others come from the registry that this machine has.
vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readMe = readFileSync(join(root, 'README.md'), 'utf8');
const [UNPUBLISHED] = blocksBelow('README.md', '## Until it is on npm', ['sh']);
const SERVICE = ['sh', 'js', 'sh', 'sh', 'text'] as const;

/** Of a program that is found before others. */
const bin = mkdtempSync(join(tmpdir(), 'tracing-bin-'));
let registry: RunningCommands;
let registryPort: number;
let ports: readonly number[];
/** A reader of three pages, who has the folder of the first for all. */
let walk: DocumentWalk;

beforeAll(async () => {
  registry = startRegistry();
  const [, found] = await registry.until(/^are at http:\/\/127\.0\.0\.1:(\d+) until Ctrl-C/m);
  registryPort = Number(found);
  ports = await freePorts(3);
  const [shop = 0, prices = 0, viewer = 0] = ports;
  walk = startWalk({ 3000: shop, 3001: prices, 4318: viewer, 4874: registryPort });
  await walk.run(UNPUBLISHED.text);
});

afterAll(() => {
  walk?.[Symbol.dispose]();
  registry?.[Symbol.dispose]();
  rmSync(bin, { recursive: true });
});

test('the README, from the packages of a clone to the trace: each block does what it says, as it is printed', async () => {
  expect(readMe).toContain('`npm run registry`, in a clone of this repository,');
  await walkService(blocksBelow('README.md', '## Use', SERVICE), { id: '7', price: 12 });
});

test('docs/add-to-an-application.md: the line for bundles makes one file of the service, which needs no packages', async () => {
  const [install, program, , ask, printed] = blocksBelow('README.md', '## Use', SERVICE);
  const [bundle] = blocksBelow('docs/add-to-an-application.md', '### Bundles', ['sh']);
  await walk.run(`${install.text}npm install --save-dev esbuild`);
  walk.write(program);
  await walk.run(`${bundle.text}mkdir elsewhere && mv bundle.mjs elsewhere && mv node_modules put-away`);
  const service = walk.start('node elsewhere/bundle.mjs');
  await service.until(/^listening on http:/m);
  expect(JSON.parse(await walk.run(ask.text))).toEqual({ id: '7', price: 12 });
  await service.interrupt();
  await walk.run('mv put-away node_modules');
  expect(withoutTimes(service.output.stderr)).toEqual(withoutTimes(printed.text));
});

test('docs/zero-code.md, its first example: a service that knows nothing of tracing is traced, as it is printed', async () => {
  const blocks = blocksBelow('docs/zero-code.md', '# Tracing from outside of the application', SERVICE);
  expect(blocks[1].text).not.toContain('tracing');
  await walkService(blocks, { id: '7' });
});

test('docs/viewer.md: two services and their log lines in one viewer, as it is printed, and Ctrl-C ends all three', async () => {
  const [shopPort, pricesPort, viewerPort] = ports;
  const [, install, prices, shop, start, ask, printed] = blocksBelow(
    'docs/viewer.md',
    '## With their log lines',
    ['sh', 'sh', 'js', 'js', 'sh', 'sh', 'text'],
  );
  await walk.run(install.text);
  walk.write(prices);
  walk.write(shop);
  expect(start.text).toMatch(/tracing-viewer --stdin --tree\n$/);
  const terminal = walk.start(start.text.replace(/\n$/, ` --port ${viewerPort}`));
  for (const port of [shopPort, pricesPort])
    await terminal.until(new RegExp(`Server listening at .*:${port}"`));
  expect(JSON.parse(await walk.run(ask.text))).toEqual({ id: '7', price: 12 });
  const [tree] = await terminal.until(/^trace [^]*?\n\n/m);
  expect(withoutTimes(tree)).toEqual(withoutTimes(printed.text));
  // On the page too.
  const traces = await (await fetch(`http://127.0.0.1:${viewerPort}/api/traces?service=prices`)).json();
  expect(traces).toMatchObject({ matched: 1, traces: [{ name: 'GET /items/:id' }] });

  await terminal.interrupt();
});

test('docs/test-your-traces.md: its blocks, in an empty folder, are tests that pass, with vitest and without', async () => {
  const page = 'docs/test-your-traces.md';
  const [install, stock, orders] = blocksBelow(page, '# Test your traces', ['sh', 'js', 'js']);
  const [withVitest] = blocksBelow(page, '## With vitest', ['ts']);
  const [withNode] = blocksBelow(page, '## With node:test, or any other runner', ['js']);
  using other = startWalk({ 4874: registryPort });
  await other.run(UNPUBLISHED.text);
  await other.run(install.text.replace(' vitest', ''));
  for (const block of [stock, orders, withVitest, withNode]) other.write(block);
  expect(await other.run('node --test --test-reporter=spec orders.node.mjs')).toMatch(/^ℹ pass 1$/m);
  await other.run('npm install --save-dev vitest');
  expect(await other.run('NO_COLOR=1 npx vitest run')).toMatch(/Tests +1 passed/);
});

test('pnpm finds the packages of a clone too', async () => {
  using other = startWalk({ 4874: registryPort });
  await other.run(UNPUBLISHED.text);
  const store = join(dirname(Object.values(inject('tarballs'))[0] ?? ''), 'store');
  await other.run(`pnpm add --store-dir=${store} @org/tracing-koa @opentelemetry/api koa`);
  expect(await other.run('pnpm exec tracing-doctor')).toMatch(/^tracing-doctor: no problems/);
  expect(await other.run('npx --no -- tracing-doctor')).toMatch(/^tracing-doctor: no problems/);
});

test('Ctrl-C ends the registry', async () => {
  await registry.interrupt();
  await expect(fetch(`http://127.0.0.1:${registryPort}`)).rejects.toThrow('fetch failed');
});

/** Installs, writes the program, starts it, asks it, and compares what it prints until Ctrl-C. */
async function walkService(
  [install, program, start, ask, printed]: Blocks<typeof SERVICE>,
  answer: object,
): Promise<void> {
  await walk.run(install.text);
  walk.write(program);
  const service = walk.start(start.text);
  await service.until(/^listening on http:/m);
  expect(JSON.parse(await walk.run(ask.text))).toEqual(answer);
  await service.interrupt();
  expect(withoutTimes(service.output.stderr)).toEqual(withoutTimes(printed.text));
}

/** `npm run registry`, on any free port. What it installs and builds first is there: other tests are reading it. */
function startRegistry(): RunningCommands {
  const env = readersEnvironment();
  const pnpm = join(bin, 'pnpm');
  writeFileSync(
    pnpm,
    `#!/bin/sh\nPATH=$OTHER_PATH\ncase $1 in install | turbo) ;; *) exec pnpm "$@" ;; esac\n`,
  );
  chmodSync(pnpm, 0o755);
  return startCommands('npm run registry -- --port 0', {
    cwd: root,
    env: { ...env, OTHER_PATH: env['PATH'], PATH: `${bin}${delimiter}${env['PATH']}` },
  });
}
