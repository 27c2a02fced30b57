import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { type RunningPostgres, startPostgres } from '@org/postgres';
import { startService } from '@org/tracing-testing';
import PgBoss from 'pg-boss';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

const entry = fileURLToPath(new URL('../dist/server.js', import.meta.url));

// Whoever runs the tests may have them set.
vi.stubEnv('HOST', undefined);
vi.stubEnv('LOG_LEVEL', undefined);

// A loaded machine takes some seconds to start a process.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let postgres: RunningPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
  afterAll(() => postgres.stop());
});

/** An inventory that has so many pieces, one answer after the other. */
async function inventory(...answers: readonly number[]): Promise<string> {
  const left = [...answers];
  const server = createServer((_request, response) => response.end(JSON.stringify({ pieces: left.shift() })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function queue(): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: postgres.url, supervise: false, schedule: false });
  await boss.start();
  onTestFinished(() => boss.stop({ graceful: false }));
  await boss.createQueue('orders');
  return boss;
}

test('the worker says where it listens, packs what waits, and stops cleanly on SIGTERM', async () => {
  const env = { DATABASE_URL: postgres.url, NEXT_URL: await inventory(12) };
  const boss = await queue();
  await using service = await startService({ entry, env });
  expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await fetch(service.url)).status).toBe(200);

  await boss.send('orders', { sku: 'anvil', quantity: 2 });
  await service.waitForLog(({ message }) => message === '2 of anvil are packed');
  expect(await service.stop()).toEqual({ code: 0, signal: null });
  expect(await boss.getQueueSize('orders', { before: 'completed' })).toBe(0);
});

test('an order that cannot be packed is taken again', async () => {
  const env = { DATABASE_URL: postgres.url, NEXT_URL: await inventory(1, 12) };
  const boss = await queue();
  await using service = await startService({ entry, env });
  await boss.send('orders', { sku: 'rocket', quantity: 2 });
  await service.waitForLog(({ message }) => message === '2 of rocket are packed');
  await service.stop();
  expect(service.logs.map(({ message }) => message)).toEqual([
    'order for 2 of rocket is taken, attempt 1',
    'order for 2 of rocket is taken, attempt 2',
    '2 of rocket are packed',
    'SIGTERM: stopping',
  ]);
});

test('without DATABASE_URL the worker exits with 1 and names the variable', async () => {
  const start = startService({ entry, env: { DATABASE_URL: undefined, NEXT_URL: 'http://127.0.0.1:1' } });
  await expect(start).rejects.toThrow(/exited \(1\)[^]*DATABASE_URL: missing/);
});

test('a database that nobody runs is said, and the worker exits with 1', async () => {
  const env = { DATABASE_URL: 'postgres://me@127.0.0.1:1/stock', NEXT_URL: 'http://127.0.0.1:1' };
  await expect(startService({ entry, env })).rejects.toThrow(
    /exited \(1\)[^]*DATABASE_URL: the database refused[^]*ECONNREFUSED/,
  );
});

test('a PORT that is taken is said, and the worker exits with 1', async () => {
  const NEXT_URL = await inventory();
  const env = { DATABASE_URL: postgres.url, NEXT_URL };
  const second = startService({ entry, env: { ...env, PORT: new URL(NEXT_URL).port } });
  await expect(second).rejects.toThrow(/exited \(1\)[^]*EADDRINUSE/);
});
