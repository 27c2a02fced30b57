import assert from 'node:assert';
import test from 'node:test';

import { startOtlpReceiver, startService } from '@org/tracing-testing';
import {
  assertLogs,
  assertNoLogs,
  assertOneServerSpanPerHop,
  assertTraceTree,
} from '@org/tracing-testing/assert';

await test('an order is one trace over both services, with their log lines', async (t) => {
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  const stock = await startService({ entry: 'stock.js', env });
  t.after(() => stock.stop());
  const orders = await startService({ entry: 'orders.js', env: { ...env, STOCK_URL: stock.url } });
  t.after(() => orders.stop());

  const response = await fetch(`${orders.url}/orders/anvil`, { method: 'POST' });

  assert.equal(response.status, 201);
  const trace = await receiver.waitForTrace({ spanCount: 3 });
  assertOneServerSpanPerHop(trace);
  assertTraceTree(trace, {
    name: 'POST /orders/:sku',
    children: [{ name: 'GET', children: [{ service: 'stock', name: 'GET /stock/:sku' }] }],
  });
  await orders.waitForLog({ message: 'order of anvil is accepted' });
  assertLogs(trace, orders.logs, { level: 'info', fields: { pieces: 12 } });
  assertNoLogs(trace, [...orders.logs, ...stock.logs], [{ level: 'warn' }, { level: 'error' }]);
});
