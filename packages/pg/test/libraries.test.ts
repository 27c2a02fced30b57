import { withSpan } from '@org/tracing-core';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import knex, { type Knex } from 'knex';
import { expect, onTestFinished, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const stock = pgTable('stock', { sku: text('sku').primaryKey(), count: integer('count').notNull() });

async function makeStock(): Promise<void> {
  const client = await server.client();
  await client.query(
    'DROP TABLE IF EXISTS stock; CREATE TABLE stock (sku text PRIMARY KEY, count int NOT NULL)',
  );
}

async function connectKnex(): Promise<Knex> {
  const db = knex({ client: 'pg', connection: server.url, pool: { min: 0, max: 2 } });
  onTestFinished(() => db.destroy());
  // Each new connection begins by asking for the server's version, in the context of whoever needed it.
  await db.raw('SELECT 1');
  return db;
}

test('Drizzle: each query is one span, in the transaction too', async () => {
  await makeStock();
  const spans = tracing();
  const db = drizzle(server.pool());
  await withSpan('request', async () => {
    await db.insert(stock).values({ sku: 'a', count: 2 });
    await db.transaction(async (tx) => {
      await tx.update(stock).set({ count: 1 }).where(eq(stock.sku, 'a'));
    });
    expect(await db.select().from(stock)).toEqual([{ sku: 'a', count: 1 }]);
  });
  expect(pgSpans(spans).map(({ name }) => name)).toEqual([
    'insert "stock"',
    'begin',
    'update "stock"',
    'commit',
    'select "stock"',
  ]);
  expect(pgSpans(spans)[0]?.attributes['db.query.text']).toBe(
    'insert into "stock" ("sku", "count") values ($1, $2)',
  );
});

test('Drizzle: a failed query is an error span, and the error is Drizzle’s', async () => {
  await makeStock();
  const spans = tracing();
  const db = drizzle(server.pool());
  await withSpan('request', async () => {
    await db.insert(stock).values({ sku: 'a', count: 2 });
    await expect(db.insert(stock).values({ sku: 'a', count: 3 })).rejects.toMatchObject({
      cause: { code: '23505' },
    });
  });
  expect(pgSpans(spans)[1]).toMatchObject({
    status: { message: 'duplicate key value violates unique constraint "stock_pkey"' },
    attributes: { 'error.type': '23505', 'db.response.status_code': '23505' },
  });
});

test('Knex: each query is one span, in the transaction too', async () => {
  await makeStock();
  const spans = tracing();
  const db = await connectKnex();
  await withSpan('request', async () => {
    await db('stock').insert({ sku: 'a', count: 2 });
    await db.transaction((trx) => trx('stock').where('sku', 'a').update({ count: 1 }));
    expect(await db('stock').select('*')).toEqual([{ sku: 'a', count: 1 }]);
  });
  const names = pgSpans(spans).map(({ name }) => name);
  expect(names).toEqual(['insert "stock"', 'BEGIN', 'update "stock"', 'COMMIT', 'select "stock"']);
});

test('Knex: a stream is one span, which ends', async () => {
  await makeStock();
  const spans = tracing();
  const db = await connectKnex();
  await withSpan('request', async () => {
    await db('stock').insert([...Array(200).keys()].map((n) => ({ sku: String(n), count: n })));
    let rows = 0;
    for await (const _row of db('stock').select('*').stream()) rows += 1;
    expect(rows).toBe(200);
  });
  await spans.settled();
  expect(pgSpans(spans).map(({ name }) => name)).toEqual(['insert "stock"', 'select "stock"']);
});

test('Knex and Drizzle: 100 interleaved requests over two connections each, no span in a wrong trace', async () => {
  await makeStock();
  const spans = tracing();
  const pool = drizzle(server.pool({ max: 2 }));
  const db = await connectKnex();
  await Promise.all(
    [...Array(100).keys()].map((id) =>
      withSpan(`request ${id}`, () => Promise.all([pool.select().from(stock), db('stock').select('*')])),
    ),
  );
  await spans.settled();
  expect(spans.traces()).toHaveLength(100);
  for (const trace of spans.traces()) {
    const root = trace.find(({ name }) => name.startsWith('request'));
    const queries = trace.filter(({ name }) => name === 'select "stock"');
    expect(queries.map(({ parentSpanId }) => parentSpanId)).toEqual([root?.spanId, root?.spanId]);
  }
});
