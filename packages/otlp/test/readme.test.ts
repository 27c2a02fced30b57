import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { completeLimits } from '../src/otlp-limits.ts';
import { post, SPAN_ID, spanRequest, TRACE_ID } from './support/served-handler.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const programs = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code = '']) => code);
const body = spanRequest({ traceId: TRACE_ID, spanId: SPAN_ID, name: 'work' });

function run(code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  return child;
}

test('the README has two programs', () => {
  expect(programs).toHaveLength(2);
});

test('the receiver of the README prints what it is sent', async () => {
  const address = "listen(4318, '127.0.0.1')";
  expect(programs[0]).toContain(address);
  const announced = "listen(0, '127.0.0.1', function () { console.log(this.address().port); })";
  const child = run(programs[0]!.replace(address, announced));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  expect((await post(`http://127.0.0.1:${port}/v1/traces`, body)).status).toBe(200);
  expect((await lines.next()).value).toBe(' work');
});

test('the program of the README copies a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracing-otlp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'traces.jsonl'), `${body}\n${body}\n`);
  const code = programs[1]!.replaceAll(/'(traces\.jsonl|one\.json)'/g, (_, name) =>
    JSON.stringify(join(folder, name)),
  );
  expect(await once(run(code), 'exit')).toEqual([0, null]);
  const { resourceSpans } = JSON.parse(readFileSync(join(folder, 'one.json'), 'utf8'));
  expect(resourceSpans[0].scopeSpans[0].spans).toHaveLength(2);
});

test('the README names each limit with its default', () => {
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| ([\d ]+(?:MiB)?) +\|/gm)].map(([, name, value = '']) => [
    name,
    Number(value.replaceAll(/\D/g, '')) * (value.includes('MiB') ? 1024 * 1024 : 1),
  ]);
  expect(Object.fromEntries(rows)).toEqual(completeLimits());
});
