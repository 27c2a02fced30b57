import { type Context, context, type Link, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { bindContext, withSpan } from '@org/tracing-core';
import DataLoader from 'dataloader';
import type pg from 'pg';
import { expect, test } from 'vitest';

import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

const TEXT = 'SELECT n FROM unnest($1::int[]) AS n';

async function read(pool: pg.Pool, ids: readonly number[]): Promise<number[]> {
  const { rows } = await pool.query<{ n: number }>(TEXT, [ids]);
  return rows.map(({ n }) => n);
}

/** Runs each of the functions in a request of its own, at once; gives the ids of their spans. */
function requests(...handlers: (() => Promise<unknown>)[]): Promise<string[]> {
  return Promise.all(
    handlers.map((handler, index) =>
      withSpan(`request ${index}`, async (span) => {
        await handler();
        // Whoever waited goes on in its own context.
        expect(trace.getActiveSpan()).toBe(span);
        return span.spanContext().spanId;
      }),
    ),
  );
}

test('a loader of each request’s own makes a query below each request', async () => {
  const spans = tracing();
  const pool = server.pool();
  const own = (): DataLoader<number, number> => new DataLoader((ids) => read(pool, ids));
  const ids = await requests(
    () => own().load(1),
    () => own().load(2),
  );
  expect(new Set(pgSpans(spans).map(({ parentSpanId }) => parentSpanId))).toEqual(new Set(ids));
});

test('a loader that requests share makes one query, below the request that asked first; the others go on as themselves', async () => {
  const spans = tracing();
  const pool = server.pool();
  const shared = new DataLoader<number, number>((ids) => read(pool, ids));
  const [first] = await requests(
    () => shared.load(1),
    () => shared.load(2),
  );
  expect(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).toEqual([first]);
});

test('a shared loader whose keys bring their context makes a batch of its own trace, with a link to each request', async () => {
  const spans = tracing();
  const pool = server.pool();
  interface Key {
    readonly id: number;
    readonly asked: Context;
  }
  const shared = new DataLoader<Key, number, number>(
    (keys) => {
      const links = keys.flatMap(({ asked }): Link[] => {
        const asker = trace.getSpanContext(asked);
        return asker ? [{ context: asker }] : [];
      });
      return withSpan('load stock', { root: true, kind: SpanKind.INTERNAL, links }, () =>
        read(
          pool,
          keys.map(({ id }) => id),
        ),
      );
    },
    { cacheKeyFn: ({ id }) => id },
  );
  const ids = await requests(
    () => shared.load({ id: 1, asked: context.active() }),
    () => shared.load({ id: 2, asked: context.active() }),
  );
  const batch = spans.spans.find(({ name }) => name === 'load stock');
  expect(batch).not.toHaveProperty('parentSpanId');
  expect(batch?.links.map(({ spanId }) => spanId)).toEqual(ids);
  expect(pgSpans(spans).map(({ parentSpanId }) => parentSpanId)).toEqual([batch?.spanId]);
});

test('bindContext keeps a batch function out of every request', async () => {
  const spans = tracing({ requireParent: false });
  const pool = server.pool();
  const shared = new DataLoader<number, number>(
    bindContext((ids: readonly number[]) => read(pool, ids), ROOT_CONTEXT),
  );
  await requests(
    () => shared.load(1),
    () => shared.load(2),
  );
  expect(pgSpans(spans)).toHaveLength(1);
  expect(pgSpans(spans)[0]).not.toHaveProperty('parentSpanId');
});
