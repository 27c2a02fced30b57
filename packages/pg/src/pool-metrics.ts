import { type BatchObservableResult, type MeterProvider, metrics } from '@opentelemetry/api';

import { poolName, type PoolOptions } from './connection-attributes.ts';
import type { PgTracing } from './options.ts';
import { version } from './version.ts';

/** What a pool of pg tells about itself. */
interface ObservablePool {
  readonly options: PoolOptions;
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
  readonly ended?: boolean;
}

const known = new WeakMap<object, PgTracing>();
/** Held weakly: a pool that the application has dropped is nobody's. */
const pools = new Set<WeakRef<ObservablePool>>();
let observed: MeterProvider | undefined;
/** Names of the last report: where a pool has ended since, the SDK would go on telling what it last held. */
let reported = new Set<string>();

/**
 * Reports the pool's connections and its queue whenever metrics are collected, without listening to it.
 *
 * Semantic conventions, docs/db/database-metrics.md, "Connection pools".
 */
export function observePool(pool: object, tracing: PgTracing): void {
  if (!isObservable(pool)) return;
  if (known.get(pool) === undefined) pools.add(new WeakRef(pool));
  known.set(pool, tracing);
  const provider = metrics.getMeterProvider();
  if (provider === observed) return;
  observed = provider;
  observe(provider);
}

function observe(provider: MeterProvider): void {
  const meter = provider.getMeter('@org/tracing-pg', version);
  const count = meter.createObservableUpDownCounter('db.client.connection.count', {
    description: 'The number of connections that are currently in state described by the `state` attribute.',
    unit: '{connection}',
  });
  const pending = meter.createObservableUpDownCounter('db.client.connection.pending_requests', {
    description: 'The number of current pending requests for an open connection.',
    unit: '{request}',
  });
  function report(result: BatchObservableResult): void {
    for (const [name, { used, idle, waiting }] of countByName()) {
      const pool = { 'db.client.connection.pool.name': name };
      result.observe(count, used, { ...pool, 'db.client.connection.state': 'used' });
      result.observe(count, idle, { ...pool, 'db.client.connection.state': 'idle' });
      result.observe(pending, waiting, pool);
    }
  }
  meter.addBatchObservableCallback(report, [count, pending]);
}

/** Several pools of one database have one name, and of each name one value is reported. */
function countByName(): Map<string, { used: number; idle: number; waiting: number }> {
  const counts = new Map<string, { used: number; idle: number; waiting: number }>();
  for (const name of reported) counts.set(name, { used: 0, idle: 0, waiting: 0 });
  reported = new Set();
  for (const ref of pools) {
    const pool = ref.deref();
    if (pool === undefined || pool.ended === true || known.get(pool)?.on !== true) {
      pools.delete(ref);
      if (pool !== undefined) known.delete(pool);
      continue;
    }
    const name = poolName(pool.options);
    reported.add(name);
    const sum = counts.get(name) ?? { used: 0, idle: 0, waiting: 0 };
    sum.used += pool.totalCount - pool.idleCount;
    sum.idle += pool.idleCount;
    sum.waiting += pool.waitingCount;
    counts.set(name, sum);
  }
  return counts;
}

function isObservable(pool: object): pool is ObservablePool {
  return 'options' in pool && 'totalCount' in pool && 'idleCount' in pool && 'waitingCount' in pool;
}
