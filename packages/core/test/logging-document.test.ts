import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { LOG_FORMATS } from '../src/log-formats.ts';
import { createLogFormatter } from '../src/log-line.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const DOCS = new URL('../../../docs/', import.meta.url);
const document = readFileSync(new URL('logging.md', DOCS), 'utf8');
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Each program, with the heading that it stands under and what stands below it. */
const programs = document.split(/^## /m).flatMap((section) =>
  [...section.matchAll(/^```js\n([^]*?)^```\n\n```text\n([^]*?)^```$/gm)].map(
    ([, code = '', output = ''], index) => ({
      title: `${section.split('\n', 1)[0]}, program ${index + 1}`,
      code,
      output,
    }),
  ),
);

/** Runs a program that ends by itself, as its user does: without any variable of ours. */
async function outputOf(code: string): Promise<string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:OTEL_|NODE_|LOG_|NO_COLOR)/.test(name));
  const type = code.includes('require(') ? 'commonjs' : 'module';
  const child = spawn(process.execPath, [`--input-type=${type}`, '--eval', code], {
    cwd: PACKAGE,
    env: Object.fromEntries(kept),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  expect(exitCode, errors).toBe(0);
  return out + errors;
}

/** Lines without what differs from run to run. */
function comparable(output: string): string[] {
  return output.split('\n').map((line) =>
    line
      .replaceAll(/"stack":"[^"]*?(?:\\n[^"]*)?"/g, '"stack":"STACK"')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/^\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
      .replaceAll(/"time":\d+/g, '"time":TIME')
      .replaceAll(/0{32}|0{16}/g, 'ZEROS')
      .replaceAll(/1-[\da-f]{8}-[\da-f]{24}/g, 'XRAY')
      .replaceAll(/"dd.span_id":"\d+"/g, '"dd.span_id":"ID"')
      .replaceAll(/[\da-f]{32}|[\da-f]{16}(?=["@])/g, 'ID')
      .replaceAll(/trace=[\da-f]{8}/g, 'trace=ID'),
  );
}

test('docs/logging.md shows a program for each part', () => {
  expect(programs.map(({ title }) => title)).toEqual([
    'loglevel, program 1',
    'Formats, program 1',
    'Formats, program 2',
    'More fields, program 1',
    'Secrets, program 1',
    'Levels, program 1',
    'pino, program 1',
    'pino, program 2',
    'winston, program 1',
    'console, program 1',
    'The formatter alone, program 1',
  ]);
  expect(document.match(/^```js$/gm)).toHaveLength(programs.length);
});

test.each(programs)('docs/logging.md, $title: it writes what stands under it', async ({ code, output }) => {
  expect(comparable(await outputOf(code))).toEqual(comparable(output));
});

test('the programs of log lines in the README write what their comments say', async () => {
  const [code = ''] = [...readme.matchAll(/^```js\n([^]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.includes('configureLogging') ? [block] : [],
  );
  const output = await outputOf(code);
  const comments = [...code.matchAll(/; \/\/ (.*"message".*)$/gm)].map(([, comment = '']) => comment);
  expect(comments).not.toEqual([]);
  for (const part of comments.flatMap((comment) => comment.match(/"[^…]+"/g) ?? [])) {
    expect(output).toContain(part);
  }
});

test.each(LOG_FORMATS.filter((name) => name !== 'pretty'))(
  'docs/attributes.md lists the fields of the format %s',
  (logFormat) => {
    const section = readFileSync(new URL('attributes.md', DOCS), 'utf8').split(/^## Log lines$/m)[1] ?? '';
    const line = createLogFormatter({ logFormat })({
      level: 'INFO',
      service: 'shop',
      serviceVersion: '1.2.3',
      environment: 'production',
      logger: 'orders',
      message: 'here',
      spanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 },
      error: Object.assign(new AggregateError([], 'boom', { cause: 5 }), { code: 1 }),
    });
    const missing = Object.keys(JSON.parse(line) as object).filter((key) => !section.includes(`\`${key}\``));
    expect(missing).toEqual([]);
  },
);
