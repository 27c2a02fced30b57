import { startOtlpReceiver, startService } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test } from 'vitest';

expect.extend(traceMatchers);

// Longer than anything here waits: vitest's own 5 seconds are over before a failure can say what is missing.
test('an order is one trace over both services, with their log lines', { timeout: 30_000 }, async () => {
  await using receiver = await startOtlpReceiver();
  // Spans are sent every 5 seconds otherwise.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  await using stock = await startService({ entry: 'stock.js', env });
  await using orders = await startService({ entry: 'orders.js', env: { ...env, STOCK_URL: stock.url } });

  const response = await fetch(`${orders.url}/orders/anvil`, { method: 'POST' });
  expect(response.status).toBe(201);
  // Without a count, a trace whose last spans are under way looks whole.
  const trace = await receiver.waitForTrace({ spanCount: 3 });
  expect(trace).toBeContinuous();
  expect(trace).toHaveOneServerSpanPerHop();
  expect(trace).toMatchTraceTree({
    service: 'orders',
    name: 'POST /orders/:sku',
    attributes: { 'http.response.status_code': 201 },
    children: [{ kind: 'CLIENT', name: 'GET', children: [{ service: 'stock', name: 'GET /stock/:sku' }] }],
  });
  await orders.waitForLog({ message: 'order of anvil is accepted' });
  const logs = [...orders.logs, ...stock.logs];
  expect(trace).toHaveLogs(logs, { level: 'info', message: /accepted/, fields: { pieces: 12 } });
  expect(trace).not.toHaveLogs(logs, [{ level: 'warn' }, { level: 'error' }]);
});
