import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { startPostgres } from '@org/postgres';
import log from 'loglevel';
import type pg from 'pg';
import PgBoss from 'pg-boss';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { createApp } from '../src/app.ts';
import { openOrders, type OrderQueue } from '../src/orders.ts';
import { connectStock } from '../src/stock.ts';

log.setLevel('silent');

let databaseUrl: string;
let orders: OrderQueue;

beforeAll(async () => {
  const postgres = await startPostgres();
  afterAll(() => postgres.stop());
  databaseUrl = postgres.url;
  const pool = await connectStock(databaseUrl);
  afterAll(() => pool.end());
  orders = await openOrders(pool);
});

async function stock(): Promise<pg.Pool> {
  const pool = await connectStock(databaseUrl);
  onTestFinished(() => pool.end());
  return pool;
}

/** Sends one request to an inventory that runs for this test. */
async function ask(
  pool: pg.Pool,
  path: string,
  init?: RequestInit,
): Promise<{ status: number; body: unknown }> {
  const server = createApp(pool, orders).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, body: await response.json() };
}

test('GET /stock/:sku answers from the tables', async () => {
  const answer = await ask(await stock(), '/stock/anvil');
  expect(answer).toEqual({ status: 200, body: { sku: 'anvil', name: 'Anvil, 50 kg', pieces: 12 } });
});

test('an article that is not in the tables is a 404 with a message', async () => {
  const answer = await ask(await stock(), '/stock/piano');
  expect(answer).toEqual({ status: 404, body: { message: 'no article "piano"' } });
});

test.each([
  ['a sku with other characters', '/stock/ANVIL', /^sku must be 1 to 40 lower-case letters/],
  ['a sku that cannot be decoded', '/stock/%E0%A4%A', /decode/],
  ['an unknown field', '/stock/anvil?colour=red', /^query: unknown field "colour"$/],
])('GET /stock/:sku refuses %s with a 4xx and a clear message', async (_what, path, message) => {
  const answer = await ask(await stock(), path);
  expect(answer).toEqual({ status: 400, body: { message: expect.stringMatching(message) } });
});

test('an unknown path is answered with 404 and named', async () => {
  const answer = await ask(await stock(), '/stocks');
  expect(answer).toEqual({ status: 404, body: { message: 'no GET /stocks' } });
});

test('GET /stock/broken runs failing SQL and answers 500 without telling why', async () => {
  const answer = await ask(await stock(), '/stock/broken');
  expect(answer).toEqual({ status: 500, body: { message: 'internal error' } });
});

test('GET /health pings the database', async () => {
  expect(await ask(await stock(), '/health')).toEqual({ status: 200, body: { status: 'ok' } });
  const closed = await connectStock(databaseUrl);
  await closed.end();
  const message = 'the database does not answer';
  expect(await ask(closed, '/health')).toEqual({ status: 503, body: { message } });
});

test('the tables are made once: many may start at the same time, and what is there stays', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const pools = await Promise.all(Array.from({ length: 8 }, () => connectStock(postgres.url)));
  onTestFinished(async () => void (await Promise.all(pools.map((pool) => pool.end()))));
  await pools[0]?.query("UPDATE stock SET pieces = 5 WHERE sku = 'anvil'");
  const later = await connectStock(postgres.url);
  onTestFinished(() => later.end());
  const { rows } = await later.query('SELECT sku, pieces FROM stock ORDER BY sku');
  expect(rows).toEqual([
    { sku: 'anvil', pieces: 5 },
    { sku: 'magnet', pieces: 0 },
    { sku: 'rocket', pieces: 3 },
  ]);
});

function order(body: string): RequestInit {
  return { method: 'POST', body: new Blob([body], { type: 'application/json' }) };
}

test('POST /orders puts an order into the queue, for whoever comes to take it', async () => {
  const pool = await stock();
  const answer = await ask(pool, '/orders', order('{"sku":"anvil","quantity":2}'));
  expect(answer).toEqual({ status: 202, body: { order: expect.stringMatching(/^[\da-f-]{36}$/) } });

  const taker = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  await taker.start();
  onTestFinished(() => taker.stop({ graceful: false }));
  const { order: id } = answer.body as { order: string };
  // Without an SDK nothing is carried.
  const jobs = await taker.fetch('orders');
  expect(jobs).toMatchObject([{ id, data: { sku: 'anvil', quantity: 2, trace: {} } }]);
});

test.each([
  ['no JSON', '{', /JSON/],
  ['an unknown field', '{"colour":"red"}', /^body: unknown field "colour"$/],
  ['no article', '{"quantity":1}', /^body\/sku must be 1 to 40 lower-case letters/],
  [
    'no whole number',
    '{"sku":"anvil","quantity":1.5}',
    /^body\/quantity must be a whole number from 1 to 1000$/,
  ],
])('POST /orders refuses %s with a 400 and a clear message', async (_what, body, message) => {
  const answer = await ask(await stock(), '/orders', order(body));
  expect(answer).toEqual({ status: 400, body: { message: expect.stringMatching(message) } });
});
