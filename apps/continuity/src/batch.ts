// A process that takes all orders that wait in the samples' queue at once, and ends.
import { initTracing, tracePg, withConsumerSpan } from '@org/tracing-pg';
import pg from 'pg';
import PgBoss from 'pg-boss';

const QUEUE = 'orders';

const tracing = initTracing({ serviceName: 'batch' });
tracePg(pg);
const boss = new PgBoss({
  connectionString: process.env['DATABASE_URL'] ?? '',
  supervise: false,
  schedule: false,
});
await boss.start();

const jobs = await boss.fetch<{ trace?: object }>(QUEUE, { batchSize: 100 });
const ids = jobs.map(({ id }) => id);
const carriers = jobs.map(({ data }) => data.trace);
await withConsumerSpan({ system: 'pg-boss', destination: QUEUE, messageId: ids }, carriers, () =>
  boss.complete(QUEUE, ids),
);
await boss.stop();
await tracing.shutdown();
