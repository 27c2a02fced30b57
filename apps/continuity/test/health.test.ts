import { expect, test, vi } from 'vitest';

import { dispatch, recordSamples } from './record-samples.ts';

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

test('/health leaves nothing, not even the ping of the database', async () => {
  const { sent, spans, traces } = await recordSamples('A → B → C', async (samples) => {
    const { dispatcher, commander, inventory } = samples;
    const answers = await Promise.all(
      [dispatcher, commander, inventory].map((service) => fetch(`${service?.url}/health`)),
    );
    // The proof that spans do arrive.
    await dispatch(dispatcher, { sku: 'anvil', quantity: 1 });
    return answers.map(({ status }) => status);
  });

  expect(sent).toEqual([200, 200, 200]);
  expect(traces).toHaveLength(1);
  expect(spans).toHaveLength(6);
  expect(spans.map((span) => span.attributes['url.path'])).not.toContain('/health');
  expect(spans.map((span) => span.attributes['db.query.text'])).not.toContain('SELECT 1');
});
