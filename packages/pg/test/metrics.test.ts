import { context, type Attributes, metrics, SamplingDecision } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { initTracing, withSpan } from '@org/tracing-core';
import pg from 'pg';
import QueryStream from 'pg-query-stream';
import { expect, onTestFinished, test } from 'vitest';

import { tracePg } from '../src/trace-pg.ts';
import { database, pgSpans, tracing } from './traced-database.ts';

const server = database();

/** What copies of core share; `initTracing` sets it. */
const STATE = Symbol.for('@org/tracing.state');
const shared = globalThis as { [STATE]?: { metrics?: boolean } };

interface Metrics {
  /** The points of a metric, as of now. */
  points(name: string): Promise<readonly DataPoint<unknown>[]>;
}

/** Registers a meter provider and asks for metrics, as `initTracing({ metrics: true })` does. */
function measuring(): Metrics {
  const given = recordingMetrics();
  const state = (shared[STATE] ??= {});
  state.metrics = true;
  onTestFinished(() => {
    state.metrics = false;
  });
  return given;
}

/** Registers a meter provider of the application's own. */
function recordingMetrics(): Metrics {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  onTestFinished(async () => {
    metrics.disable();
    await provider.shutdown();
  });
  return {
    async points(name) {
      exporter.reset();
      await reader.forceFlush();
      const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
      const found = scopes
        .flatMap((scope) => scope.metrics)
        .find(({ descriptor }) => descriptor.name === name);
      return found?.dataPoints ?? [];
    },
  };
}

const DURATION = 'db.client.operation.duration';

/** How often each set of attributes was measured. */
async function durations(given: Metrics): Promise<[Attributes, number][]> {
  const points = (await given.points(DURATION)) as DataPoint<Histogram>[];
  return points.map(({ attributes, value }) => [attributes, value.count]);
}

/** By state, or the number alone where there is none. */
async function pooled(given: Metrics, name: string): Promise<Record<string, Record<string, unknown>>> {
  const found: Record<string, Record<string, unknown>> = {};
  for (const { attributes, value } of await given.points(name)) {
    const pool = String(attributes['db.client.connection.pool.name']);
    (found[pool] ??= {})[String(attributes['db.client.connection.state'])] = value;
  }
  return found;
}

function poolName(): string {
  const { hostname, port, pathname } = new URL(server.url);
  return `${hostname}:${port || '5432'}${pathname}`;
}

test('the duration of a query is measured in seconds, with the buckets and attributes of the convention (P14)', async () => {
  const spans = tracing();
  const given = measuring();
  const client = await server.client();
  await withSpan('request', async () => {
    await client.query('SELECT pg_sleep(0.02)');
    await client.query('SELECT pg_sleep($1)', [0.02]);
    await client.query('SELECT 1/0').catch(() => undefined);
  });
  expect(await durations(given)).toEqual([
    [{ ...server.connection, 'db.query.summary': 'SELECT' }, 2],
    [
      {
        ...server.connection,
        'db.query.summary': 'SELECT',
        'error.type': '22012',
        'db.response.status_code': '22012',
      },
      1,
    ],
  ]);
  const [{ value }] = (await given.points(DURATION)) as [DataPoint<Histogram>];
  expect(value.buckets.boundaries).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  const inSpans = pgSpans(spans)
    .slice(0, 2)
    .reduce((sum, span) => sum + Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e9, 0);
  expect(value.sum).toBeGreaterThan(0.04);
  expect(Math.abs((value.sum ?? 0) - inSpans)).toBeLessThan(0.01);
});

test('callbacks, prepared statements, query objects, streams and pools are measured once each (P14)', async () => {
  const spans = tracing();
  const given = measuring();
  const client = await server.client();
  const pool = server.pool();
  await withSpan('request', async () => {
    await new Promise((resolve) => client.query('SELECT 1', resolve));
    await client.query({ name: 'prepared', text: 'SELECT 1' });
    await client.query(new QueryStream('SELECT 1')).toArray();
    await new Promise((resolve) => client.query(new pg.Query('SELECT 1')).on('end', resolve));
    await pool.query('SELECT 1');
  });
  await spans.settled();
  const summaries = (await durations(given)).map(([attributes, count]) => [
    attributes['db.query.summary'],
    count,
  ]);
  expect(summaries).toEqual([
    ['SELECT', 4],
    ['prepared', 1],
  ]);
});

test('what the client itself reports has its name as error.type (P14)', async () => {
  tracing();
  const given = measuring();
  const client = await server.client();
  const lost = withSpan('request', () => client.query('SELECT pg_sleep(60)'));
  client.connection.stream.destroy();
  await expect(lost).rejects.toThrow('Connection terminated');
  expect(await durations(given)).toEqual([
    [{ ...server.connection, 'db.query.summary': 'SELECT', 'error.type': 'Error' }, 1],
  ]);
});

test('unsampled queries and those without a parent are measured, without a span or a hook (P8, P14)', async () => {
  const seen: unknown[] = [];
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }) };
  const spans = tracing(
    { requestHook: () => seen.push('hook'), responseHook: () => seen.push('hook') },
    { sampler },
  );
  const given = measuring();
  const client = await server.client();
  await client.query('SELECT 1');
  await withSpan('request', () => client.query('SELECT 1'));
  expect(await durations(given)).toEqual([[{ ...server.connection, 'db.query.summary': 'SELECT' }, 2]]);
  expect([spans.started, seen]).toEqual([0, []]);
});

test('inside a request that is excluded nothing is measured (P14, X4)', async () => {
  tracing();
  const given = measuring();
  const client = await server.client();
  await context.with(suppressTracing(context.active()), () => client.query('SELECT 1'));
  expect(await durations(given)).toEqual([]);
});

test('where nobody asked for metrics none are recorded, though a provider is there (P14)', async () => {
  tracing();
  const given = measuring();
  (shared[STATE] ??= {}).metrics = false;
  const pool = server.pool();
  await withSpan('request', () => pool.query('SELECT 1'));
  expect(await durations(given)).toEqual([]);
  expect(await pooled(given, 'db.client.connection.count')).toEqual({});
});

test('a pool’s connections are counted as used and idle, and who waits for one, without connect spans (P12, P14)', async () => {
  const spans = tracing();
  const given = measuring();
  const pool = server.pool({ max: 2 });
  const name = poolName();
  const [first, second] = await withSpan('request', () => Promise.all([pool.connect(), pool.connect()]));
  const waiting = [pool.query('SELECT 1'), pool.query('SELECT 1'), pool.query('SELECT 1')];
  expect(await pooled(given, 'db.client.connection.count')).toEqual({ [name]: { used: 2, idle: 0 } });
  expect(await pooled(given, 'db.client.connection.pending_requests')).toEqual({ [name]: { undefined: 3 } });
  first?.release();
  await Promise.all(waiting);
  expect(await pooled(given, 'db.client.connection.count')).toEqual({ [name]: { used: 1, idle: 1 } });
  expect(await pooled(given, 'db.client.connection.pending_requests')).toEqual({ [name]: { undefined: 0 } });
  second?.release();
  expect(pgSpans(spans)).toEqual([]);
});

test('several pools of one database are one sum, of two databases two, and one that has ended none (P13, P14)', async () => {
  tracing();
  const given = measuring();
  const target = new URL(server.url);
  const pools = [server.pool(), server.pool()];
  const elsewhere = new pg.Pool({
    host: target.hostname,
    port: Number(target.port || 5432),
    user: target.username,
    password: decodeURIComponent(target.password),
    database: 'template1',
  });
  for (const pool of [...pools, elsewhere]) {
    // However often it is used, a pool is counted once and has no listener of ours.
    for (let round = 0; round < 3; round++) await pool.query('SELECT 1');
    expect(pool.eventNames()).toEqual(pool === elsewhere ? [] : ['error']);
  }
  const other = poolName().replace(/\/.*/, '/template1');
  expect(await pooled(given, 'db.client.connection.count')).toEqual({
    [poolName()]: { used: 0, idle: 2 },
    [other]: { used: 0, idle: 1 },
  });
  await elsewhere.end();
  expect(await pooled(given, 'db.client.connection.count')).toEqual({
    [poolName()]: { used: 0, idle: 2 },
    [other]: { used: 0, idle: 0 },
  });
});

test('a new meter provider is told of the pools that were there before (P14)', async () => {
  tracing();
  measuring();
  const pool = server.pool();
  await pool.query('SELECT 1');
  metrics.disable();
  const later = measuring();
  await pool.query('SELECT 1');
  expect(await pooled(later, 'db.client.connection.count')).toEqual({ [poolName()]: { used: 0, idle: 1 } });
  expect(await durations(later)).toHaveLength(1);
});

test('initTracing({ metrics: true }) asks for them, with the application’s own meter provider too (P14)', async () => {
  const given = recordingMetrics();
  const handle = initTracing({ serviceName: 'test', exporter: 'none', metrics: true });
  const undo = tracePg(pg);
  onTestFinished(async () => {
    undo();
    await handle.shutdown();
  });
  await server.pool().query('SELECT 1');
  expect(await durations(given)).toEqual([[{ ...server.connection, 'db.query.summary': 'SELECT' }, 1]]);
  expect(await pooled(given, 'db.client.connection.count')).toEqual({ [poolName()]: { used: 0, idle: 1 } });
});
