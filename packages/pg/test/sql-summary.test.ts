import { expect, test } from 'vitest';

import { describeSql } from '../src/sql-description.ts';
import { shortened } from '../src/sql-summary.ts';
import { sqlTokens } from '../src/sql-tokens.ts';

const summaries: [sql: string, summary: string][] = [
  ['SELECT * FROM wuser_table', 'SELECT wuser_table'],
  ['INSERT INTO shipping_details SELECT order_id FROM orders', 'INSERT shipping_details SELECT orders'],
  ['SELECT * FROM songs, artists WHERE songs.a = artists.id', 'SELECT songs artists'],
  [
    'select s.id from "song list" s join public.artists a on a.id = s.a, "x"."y"',
    'select "song list" public.artists "x"."y"',
  ],
  ['SELECT 1', 'SELECT'],
  ['SELECT id FROM (SELECT id FROM a) b, c', 'SELECT SELECT a c'],
  ['SELECT extract(year FROM created), substring(x FROM 2) FROM orders', 'SELECT orders'],
  ['SELECT * FROM a WHERE x IS DISTINCT FROM y ORDER BY 1, z', 'SELECT a'],
  [
    'SELECT * FROM jobs WHERE id IN (SELECT id FROM queue) FOR UPDATE SKIP LOCKED',
    'SELECT jobs SELECT queue',
  ],
  ['SELECT id FROM a UNION ALL SELECT id FROM b', 'SELECT a SELECT b'],
  ['SELECT * FROM generate_series(1, 5) n, LATERAL (SELECT 1) x', 'SELECT generate_series SELECT'],
  [
    'INSERT INTO stock (sku, n) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET n = $2 RETURNING *',
    'INSERT stock',
  ],
  ['UPDATE ONLY stock SET n = n - 1, m = 2 FROM orders o WHERE o.sku = stock.sku', 'UPDATE stock orders'],
  ['DELETE FROM stock USING orders WHERE true', 'DELETE stock orders'],
  ['MERGE INTO stock USING orders ON true WHEN MATCHED THEN UPDATE SET n = 1', 'MERGE stock orders'],
  ['WITH gone AS (DELETE FROM a RETURNING id) SELECT * FROM gone', 'DELETE a SELECT gone'],
  ['WITH x AS (SELECT 1) UPDATE stock SET n = 1', 'SELECT UPDATE stock'],
  ['TRUNCATE TABLE a, b', 'TRUNCATE a b'],
  ['COPY stock (sku) FROM STDIN', 'COPY stock'],
  ['COPY (SELECT * FROM stock) TO STDOUT', 'COPY SELECT stock'],
  ['CALL refill($1)', 'CALL refill'],
  ['EXPLAIN (ANALYZE) UPDATE stock SET n = 1', 'EXPLAIN UPDATE stock'],
  ['CREATE TEMP TABLE IF NOT EXISTS stock (n int REFERENCES a ON DELETE CASCADE)', 'CREATE TABLE stock'],
  ['CREATE UNIQUE INDEX CONCURRENTLY i ON stock USING btree (n)', 'CREATE INDEX i'],
  ['CREATE TABLE copy AS SELECT * FROM stock', 'CREATE TABLE copy SELECT stock'],
  ['DROP TABLE IF EXISTS stock CASCADE', 'DROP TABLE stock'],
  ['  begin;  ', 'begin'],
  ['BEGIN; UPDATE stock SET n = 1; COMMIT;', 'BEGIN; UPDATE stock; COMMIT'],
  ["SET application_name = 'from secret'", 'SET'],
  ['LISTEN orders', 'LISTEN'],
  ['-- SELECT * FROM secret\n/* a /* nested */ comment */ SELECT * FROM stock', 'SELECT stock'],
  ["SELECT 'FROM secret', $x$ FROM secret $x$, E'\\' FROM secret' FROM stock", 'SELECT stock'],
  ['', ''],
  [';;', ''],
];

test.each(summaries)('the summary of %j is %j', (sql, summary) => {
  expect(describeSql(sql).summary).toBe(summary);
});

test('a summary is one line, whatever names are quoted in it', () => {
  expect(describeSql('SELECT * FROM "a\n\u0085b\u001b[2J"').summary).toBe('SELECT "a b [2J"');
});

test('the name of a prepared statement is a summary too: one line of 255 characters at most', () => {
  expect(shortened('a\nb')).toBe('a b');
  expect(shortened('x'.repeat(300))).toBe('x'.repeat(255));
  expect(shortened(`${'x'.repeat(254)}😀`)).toBe('x'.repeat(254));
});

test('a long summary is cut at a word, below 256 characters', () => {
  const tables = Array.from({ length: 60 }, (_, index) => `table_${index}`);
  const { summary } = describeSql(`SELECT * FROM ${tables.join(', ')}`);
  expect(summary.length).toBeLessThanOrEqual(255);
  expect(`SELECT ${tables.join(' ')} `).toContain(`${summary} `);
});

const redactions: [sql: string, redacted: string][] = [
  [
    "SELECT * FROM users WHERE name = 'it''s me' AND age > 42",
    'SELECT * FROM users WHERE name = ? AND age > ?',
  ],
  ["SELECT E'a\\'b', B'01', $tag$ it's $tag$, 1.5e3, .5, t1.c2", 'SELECT ?, ?, ?, ?, ?, t1.c2'],
  [
    'SELECT * FROM t WHERE id IN (1, 2,3) AND "col 1" = $1',
    'SELECT * FROM t WHERE id IN (?) AND "col 1" = $1',
  ],
  ["SELECT 1 -- password 'x'\n, 2 /* secret */", 'SELECT ?  \n, ?'],
  ["SELECT 'never closed", 'SELECT ?'],
];

test.each(redactions)('literals of %j are left out', (sql, redacted) => {
  expect(describeSql(sql).redacted).toBe(redacted);
});

test.each([...summaries, ...redactions])('the tokens of %j are all of it', (sql) => {
  const texts = sqlTokens(sql).map(({ text }) => text);
  expect(texts.join('')).toBe(sql);
});

test('a statement of megabytes is read in part', () => {
  const sql = `INSERT INTO stock VALUES ${"('secret', 1), ".repeat(200_000)}`;
  const { summary, redacted } = describeSql(sql);
  expect(summary).toBe('INSERT stock');
  expect(redacted).toMatch(/^INSERT INTO stock VALUES (\(\?, \?\), )+[^\d']*…$/);
  expect(redacted.length).toBeLessThan(4096);
});
