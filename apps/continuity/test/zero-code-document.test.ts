import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type RunningPostgres, startPostgres } from '@org/postgres';
import { type ServiceOptions, type ServiceProcess, startService } from '@org/tracing-testing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const DOCUMENT = readFileSync(new URL('../../../docs/zero-code.md', import.meta.url), 'utf8');
const HERE = fileURLToPath(new URL('..', import.meta.url));

const blocks = [...DOCUMENT.matchAll(/^```(\w+)\n([^\0]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

let postgres: RunningPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  afterAll(() => postgres.stop());
});

function textOf(index: number): string {
  return blocks[index]?.text ?? '';
}

/** Where packages of this app are found. */
function folderInside(): string {
  mkdirSync(join(HERE, 'node_modules'), { recursive: true });
  const folder = mkdtempSync(join(HERE, 'node_modules/.zero-code-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a service by a command of the document: variables, `node`, its options and the file. */
async function startAs(
  command: string,
  folder: string,
  options: Partial<ServiceOptions> = {},
): Promise<ServiceProcess> {
  const [, variables = '', rest = ''] = /^((?:\w+=(?:"[^"]*"|\S+) )*)node (.*)$/.exec(command) ?? [];
  const env = Object.fromEntries(
    [...variables.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, plain]) => [
      name,
      quoted ?? plain,
    ]),
  ) as Record<string, string>;
  const execArgv = rest.split(' ');
  const entry = join(folder, execArgv.pop() ?? '');
  return startService({
    entry,
    execArgv,
    cwd: HERE,
    timeoutMillis: 30_000,
    ...options,
    env: { DATABASE_URL: postgres.url, NODE_OPTIONS: undefined, ...options.env, ...env },
  });
}

/** The program of the document that asks PostgreSQL, on any free port. */
function writeProgram(folder: string): void {
  const program = textOf(5);
  expect(program).toContain('{ port: 3000 }');
  writeFileSync(join(folder, 'server.mjs'), program.replace('{ port: 3000 }', '{ port: 0 }'));
}

/** Lines without ids and times. */
function comparable(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/\b[\da-f]{32}\b/g, 'ID')
        .replace(/[\d.]+ (?:µs|ms|s)\b.*/, 'TIME')
        .replaceAll(/ +/g, ' '),
    );
}

test('docs/zero-code.md has the blocks that are tested', () => {
  const languages = ['sh', 'js', 'sh', 'sh', 'text', 'js', 'sh', 'text', 'sh', 'text', 'text', 'text'];
  // apps/packed/test/documents.test.ts runs the first five, from what is packed.
  expect(blocks.map(({ language }) => language)).toEqual(languages);
});

test('the command with two plugins prints what stands below it', async () => {
  const folder = folderInside();
  writeProgram(folder);
  await using service = await startAs(textOf(6).trim(), folder);
  const response = await fetch(`${service.url}/settings/server_encoding`);
  expect(await response.json()).toEqual({ setting: 'UTF8' });
  await service.stop();
  expect(comparable(service.stderr)).toEqual(comparable(textOf(7)));
});

test('the environment does the same, for Fastify alone', async () => {
  const folder = folderInside();
  writeProgram(folder);
  await using service = await startAs(textOf(8).trim(), folder);
  expect((await fetch(`${service.url}/settings/server_encoding`)).status).toBe(200);
  await service.stop();
  const [title = '', span] = comparable(textOf(7));
  expect(comparable(service.stderr)).toEqual([title.replace('2 spans', '1 span'), span]);
});

test('from another folder Node does not find the package, and does find its file', async () => {
  const folder = folderInside();
  writeProgram(folder);
  const command = textOf(2).trim();
  const started = spawnSync(
    process.execPath,
    ['--import', '@org/tracing-fastify/register', join(folder, 'server.mjs')],
    {
      cwd: '/',
      env: { ...process.env, NODE_OPTIONS: undefined },
      encoding: 'utf8',
    },
  );
  expect(started.status).toBe(1);
  expect(started.stderr).toContain(textOf(9).trim());

  const [, file = ''] = /--import \/srv\/shop\/(\S+)`/.exec(DOCUMENT) ?? [];
  const found = command.replace('@org/tracing-fastify/register', join(HERE, file));
  expect(found).not.toBe(command);
  await using service = await startAs(found, folder, { cwd: '/' });
  expect((await fetch(`${service.url}/settings/server_encoding`)).status).toBe(200);
  await service.stop();
  expect(service.stderr).toContain('shop  GET /settings/:name');
});

test('what is said where nothing is met', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tracing-zero-code-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, 'server.mjs'),
    `import { createServer } from 'node:http';
     const server = createServer((request, response) => response.end());
     server.listen(0, '127.0.0.1', () => console.log('listening on http://127.0.0.1:' + server.address().port));`,
  );
  const env = { NODE_PATH: undefined };
  await using service = await startAs(textOf(8).trim(), folder, { env });
  expect((await fetch(service.url)).status).toBe(200);
  await service.stop();
  expect(service.stderr.replace(new URL(service.url).port, '3000')).toBe(textOf(10));
});

test('what is said where the application is set up in code as well', async () => {
  const folder = folderInside();
  writeProgram(folder);
  const file = join(folder, 'server.mjs');
  writeFileSync(
    file,
    `import { fastifyTracing, initTracing } from '@org/tracing-fastify';
     initTracing();
     ${readFileSync(file, 'utf8').replace('fastify();', 'fastify();\nawait app.register(fastifyTracing);')}`,
  );
  await using service = await startAs(textOf(8).trim(), folder, { env: { OTEL_TRACES_EXPORTER: 'none' } });
  expect((await fetch(`${service.url}/settings/server_encoding`)).status).toBe(200);
  await service.stop();
  expect(service.stderr).toBe(textOf(11));
});
