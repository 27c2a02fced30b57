import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test, vi } from 'vitest';

const run = promisify(execFile);
const DOCS = new URL('../../../docs/', import.meta.url);

vi.setConfig({ testTimeout: 60_000 });

const PAGES = [
  'add-to-an-application.md',
  'backends.md',
  'from-auto-instrumentations.md',
  'from-dd-trace.md',
  'sampling-and-scaling.md',
  'troubleshoot.md',
];

function pageOf(name: string): string {
  return readFileSync(new URL(name, DOCS), 'utf8');
}

/** In place of `app.listen(3000)`: the program asks itself for one thing, and has nothing left to do. */
const ASK = `const server = app.listen(0, '127.0.0.1', async () => {
  await (await fetch('http://127.0.0.1:' + server.address().port + '/items/7')).text();
  server.close();
  server.closeAllConnections();
});`;

test.each([
  ['koa', 'module', /^shop {2}GET {2}SERVER /m],
  ['express', 'commonjs', /^shop {2}GET \/items\/:id {2}SERVER /m],
])('docs/add-to-an-application.md: the program of %s prints its trace', async (framework, type, expected) => {
  const programs = [...pageOf('add-to-an-application.md').matchAll(/^```js\n([^]*?)^```$/gm)];
  const [code = ''] = programs.flatMap(([, text = '']) =>
    text.includes(`@org/tracing-${framework}`) && text.includes('app.listen(3000);') ? [text] : [],
  );
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NODE_)/.test(name));
  const { stderr } = await run(
    process.execPath,
    [`--input-type=${type}`, '--eval', code.replace('app.listen(3000);', ASK)],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), env: Object.fromEntries(kept) },
  );
  expect(stderr).toMatch(expected);
});

/** What Node, npm and a bundle say, and no package of ours. */
const OF_NODE_AND_NPM = /^`(?:ERR_MODULE_NOT_FOUND|E404|Dynamic require of)`/;

/** The sources, with literals that are joined as one, and what docs/delivery.md shows, which is held to a run. */
function printedByPackages(): string {
  const packages = new URL('../../../packages/', import.meta.url);
  const sources = readdirSync(packages).flatMap((name) => {
    const folder = new URL(`${name}/src/`, packages);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(new URL(path, folder), 'utf8'));
  });
  return [...sources, pageOf('delivery.md')].join('\n').replaceAll(/['`] \+\s+['`]/g, '');
}

test('docs/troubleshoot.md names findings that the doctor has', () => {
  const named = [...pageOf('troubleshoot.md').matchAll(/\(((?:`[a-z-]+`(?:, )?)+)\)/g)].flatMap(
    ([, codes = '']) => codes.match(/[a-z][a-z-]+/g) ?? [],
  );
  expect(named).toContain('probe-refused');
  const known = pageOf('doctor.md');
  expect(named.filter((code) => !known.includes(`\`${code}\``))).toEqual([]);
});

test('docs/troubleshoot.md quotes what the packages print', () => {
  const [, table = ''] = /^## What is printed\n([^]*?)^## /m.exec(pageOf('troubleshoot.md')) ?? [];
  const cells = [...table.matchAll(/^\| (.*?) +\|/gm)].map(([, cell = '']) => cell);
  const quoted = cells
    .filter((cell) => !OF_NODE_AND_NPM.test(cell))
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
  expect(quoted.length).toBeGreaterThan(10);
  const printed = printedByPackages();
  const unknown = quoted.filter((text) => text.split('…').some((part) => !printed.includes(part)));
  expect(unknown).toEqual([]);
});

test('docs/sampling-and-scaling.md reckons with the bytes that docs/performance.md has', () => {
  const section = pageOf('performance.md').split('### Exporter alone: bytes a span')[1] ?? '';
  const [, bytes, json] = /^\| kit +\| +(\d+) [^]*?^\| kit, JSON +\| +(\d+) /m.exec(section) ?? [];
  const page = pageOf('sampling-and-scaling.md');
  expect(page).toContain(`about ${bytes} (`);
  expect(page).toContain(`JSON is ${json}.`);
});

test.each(PAGES)('docs/%s has at most 150 lines', (name) => {
  expect(pageOf(name).trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});
