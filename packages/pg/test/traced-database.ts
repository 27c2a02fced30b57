import { type RunningPostgres, startPostgres } from '@org/postgres';
import type { SpanRecord } from '@org/tracing-core';
import { collectSpans, type CollectSpansOptions, type SpanCollecting } from '@org/tracing-testing';
import pg from 'pg';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

import type { PgTracingOptions } from '../src/options.ts';
import { tracePg } from '../src/trace-pg.ts';

/** A PostgreSQL server for the tests of a file, and clients of it that close with their test. */
export interface Database {
  readonly url: string;
  /** The attributes of any connection to it. */
  readonly connection: Record<string, unknown>;
  client(config?: pg.ClientConfig): Promise<pg.Client>;
  pool(config?: pg.PoolConfig): pg.Pool;
}

export function database(): Database {
  let postgres: RunningPostgres | undefined;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  const url = (): string => postgres?.url ?? '';

  return {
    get url() {
      return url();
    },
    get connection() {
      const { hostname, port, pathname } = new URL(url());
      return {
        'db.system.name': 'postgresql',
        'db.namespace': pathname.slice(1),
        'server.address': hostname,
        ...(port && port !== '5432' && { 'server.port': Number(port) }),
      };
    },
    async client(config) {
      const client = new pg.Client({ connectionString: url(), ...config });
      // A connection that a test breaks is no failure of the test.
      client.on('error', () => undefined);
      // The oldest pg never answers end() on a connection that is gone.
      let gone = false;
      client.on('end', () => (gone = true));
      await client.connect();
      onTestFinished(() => (gone ? undefined : client.end()));
      return client;
    },
    pool(config) {
      const pool = new pg.Pool({ connectionString: url(), ...config });
      pool.on('error', () => undefined);
      onTestFinished(() => pool.end());
      return pool;
    },
  };
}

/** Traces pg and collects the spans, until the test ends. */
export function tracing(options?: PgTracingOptions, collecting?: CollectSpansOptions): SpanCollecting {
  const spans = collectSpans(collecting);
  const undo = tracePg(pg, options);
  onTestFinished(async () => {
    undo();
    await spans.close();
  });
  return spans;
}

/** The spans that this package made, in the order of their ends. */
export function pgSpans({ spans }: SpanCollecting): SpanRecord[] {
  return spans.filter(({ scope }) => scope.name === '@org/tracing-pg');
}

/** All that a span says, but for when and in which trace. */
export function saying({ name, kind, status, attributes, events }: SpanRecord): Record<string, unknown> {
  return { name, kind, status, attributes, events: events.map((event) => event.name) };
}
