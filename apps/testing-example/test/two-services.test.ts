import { startOtlpReceiver, startService } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test } from 'vitest';

expect.extend(traceMatchers);

// vitest's own limit of 5 seconds is over before a failure can say what is missing.
test('one request is one trace', { timeout: 30_000 }, async () => {
  await using receiver = await startOtlpReceiver();
  // Spans are sent every 5 seconds otherwise.
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  await using stock = await startService({ entry: 'stock.js', env });
  await using orders = await startService({ entry: 'orders.js', env: { ...env, STOCK_URL: stock.url } });

  await fetch(`${orders.url}/orders/anvil`, { method: 'POST' });

  const trace = await receiver.waitForTrace({ spanCount: 3 });
  expect(trace).toBeContinuous();
  expect(trace).toHaveOneServerSpanPerHop();
  await orders.stop(); // Its last lines are here then.
  expect(trace).toHaveLogs(orders.logs, { level: 'info', message: /accepted/ });
});
