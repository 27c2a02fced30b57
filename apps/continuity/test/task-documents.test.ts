import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

test('docs/troubleshoot.md names findings that the doctor has', () => {
  const named = [...pageOf('troubleshoot.md').matchAll(/\(((?:`[a-z-]+`(?:, )?)+)\)/g)].flatMap(
    ([, codes = '']) => codes.match(/[a-z][a-z-]+/g) ?? [],
  );
  expect(named).toContain('probe-refused');
  const known = pageOf('doctor.md');
  expect(named.filter((code) => !known.includes(`\`${code}\``))).toEqual([]);
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
