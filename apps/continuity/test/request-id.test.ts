import { expect, test, vi } from 'vitest';

import { recordSamples, type Samples } from './record-samples.ts';

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

/** Sends one order, as a person with curl would, and gives the id that is answered. */
async function order({ dispatcher }: Samples, headers: Record<string, string>): Promise<string | null> {
  const response = await fetch(`${dispatcher.url}/dispatch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ sku: 'anvil', quantity: 2 }),
  });
  await response.arrayBuffer();
  return response.headers.get('x-request-id');
}

test('A → B → C: the id of the caller’s header, and one that A makes, is on every span and line of all three (R3)', async () => {
  const { sent, traces, logs } = await recordSamples('A → B → C', async (samples) => [
    await order(samples, { 'x-request-id': 'from-curl' }),
    await order(samples, {}),
  ]);
  const [, made] = sent;
  expect(sent).toEqual(['from-curl', expect.stringMatching(/^[\da-f-]{36}$/)]);

  const services = ['commander', 'dispatcher', 'inventory'];
  const ofTraces = traces.map((spans) => ({
    services: [...new Set(spans.map(({ serviceName }) => serviceName))].toSorted(),
    ids: [...new Set(spans.map(({ attributes }) => attributes['request_id']))],
  }));
  expect(ofTraces).toEqual([
    { services, ids: ['from-curl'] },
    { services, ids: [made] },
  ]);

  for (const [index, id] of sent.entries()) {
    const lines = logs.filter((line) => line['request_id'] === id);
    expect(lines.map(({ service }) => service)).toEqual(['dispatcher', 'commander', 'inventory']);
    expect(new Set(lines.map((line) => line['trace_id']))).toEqual(new Set([traces[index]?.[0]?.traceId]));
  }
  // What is written outside of any request has none.
  const others = logs.filter((line) => !('request_id' in line));
  expect(new Set(others.map(({ message }) => message))).toEqual(new Set(['SIGTERM: stopping']));
});
