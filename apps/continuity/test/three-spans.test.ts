import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { hopsOutOfTime } from './hop-times.ts';
import { dispatch, recordSamples } from './record-samples.ts';

expect.extend(traceMatchers);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test('without NEXT_URL of B, POST /dispatch makes exactly three spans', async () => {
  const { sent, spans } = await recordSamples('A → B', ({ dispatcher }) =>
    dispatch(dispatcher, { sku: 'anvil', quantity: 2 }),
  );

  expect(sent).toEqual({ status: 200, body: { sku: 'anvil', quantity: 2, command: 'ship' } });
  expect(spans).toMatchTraceTree(
    chain(
      { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch', status: 'UNSET' },
      { service: 'dispatcher', kind: 'CLIENT', name: 'POST', status: 'UNSET' },
      { service: 'commander', kind: 'SERVER', name: 'POST /command', status: 'UNSET' },
    ),
  );
  expect(spans).toBeContinuous();
  expect(hopsOutOfTime(spans)).toEqual([]);
});
