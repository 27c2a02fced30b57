import { fileURLToPath } from 'node:url';

import { startPostgres } from '@org/postgres';
import { startService } from '@org/tracing-testing';
import pg from 'pg';
import { expect, test, vi } from 'vitest';

const entry = fileURLToPath(new URL('../dist/server.js', import.meta.url));

// Whoever runs the tests may have them set.
vi.stubEnv('HOST', undefined);
vi.stubEnv('LOG_LEVEL', undefined);

// A loaded machine takes some seconds to start a process.
vi.setConfig({ testTimeout: 60_000 });

test('the inventory says where it listens and stops cleanly on SIGTERM', async () => {
  await using postgres = await startPostgres();
  await using service = await startService({ entry, env: { DATABASE_URL: postgres.url } });
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(`${service.url}/stock/anvil`)).status).toBe(200);
  expect(await service.stop()).toEqual({ code: 0, signal: null });
});

test('without DATABASE_URL the inventory exits with 1 and names the variable', async () => {
  const start = startService({ entry, env: { DATABASE_URL: undefined } });
  await expect(start).rejects.toThrow(/exited \(1\)[^]*DATABASE_URL: missing/);
});

test('a database that nobody runs is said, and the inventory exits with 1', async () => {
  const start = startService({ entry, env: { DATABASE_URL: 'postgres://me@127.0.0.1:1/stock' } });
  await expect(start).rejects.toThrow(/exited \(1\)[^]*DATABASE_URL: the database refused[^]*ECONNREFUSED/);
});

test('a PORT that is taken is said, and the inventory exits with 1', async () => {
  await using postgres = await startPostgres();
  const DATABASE_URL = postgres.url;
  await using first = await startService({ entry, env: { DATABASE_URL } });
  const second = startService({ entry, env: { DATABASE_URL, PORT: new URL(first.url).port } });
  await expect(second).rejects.toThrow(/exited \(1\)[^]*EADDRINUSE/);
});

test('a connection to the database that is lost while idle does not end the inventory', async () => {
  await using postgres = await startPostgres();
  await using service = await startService({ entry, env: { DATABASE_URL: postgres.url } });
  const client = new pg.Client(postgres.url);
  await client.connect();
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await client.end();
  await service.waitForLog(({ message }) => message === 'lost a connection to the database');
  expect((await fetch(`${service.url}/stock/anvil`)).status).toBe(200);
});
