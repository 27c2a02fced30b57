import type { ServiceProcess } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import pg from 'pg';
import { beforeAll, expect, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { dispatch, type Recording, recordSamples } from './record-samples.ts';

expect.extend(traceMatchers);

const ITEMS = Array.from({ length: 200 }, (_, index) => `item-${index}`);

// The processes start one after the other.
vi.setConfig({ hookTimeout: 120_000 });

let recording: Recording<number[]>;

beforeAll(async () => {
  recording = await recordSamples('A → B → C', async ({ dispatcher, databaseUrl }) => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    await client.query('INSERT INTO article SELECT sku, sku FROM unnest($1::text[]) AS sku', [ITEMS]);
    await client.query('INSERT INTO stock SELECT sku, 1 FROM unnest($1::text[]) AS sku', [ITEMS]);
    await client.end();
    return await sendInterleaved(dispatcher);
  });
});

/** Twenty-five callers share the items: each sends its next request as soon as it has its answer. */
async function sendInterleaved(dispatcher: ServiceProcess): Promise<number[]> {
  const statuses: number[] = [];
  const items = ITEMS.values();
  const callers = Array.from({ length: 25 }, async () => {
    for (const sku of items) {
      const { status } = await dispatch(dispatcher, { sku, quantity: 1 });
      statuses.push(status);
    }
  });
  await Promise.all(callers);
  return statuses;
}

test('200 interleaved requests make 200 traces of the six spans', () => {
  expect(recording.sent).toEqual(ITEMS.map(() => 200));
  expect(recording.traces).toHaveLength(200);
  for (const spans of recording.traces) {
    expect(spans).toMatchTraceTree(
      chain(
        { service: 'dispatcher', kind: 'SERVER', name: 'POST /dispatch' },
        { service: 'dispatcher', kind: 'CLIENT', name: 'POST' },
        { service: 'commander', kind: 'SERVER', name: 'POST /command' },
        { service: 'commander', kind: 'CLIENT', name: 'GET' },
        { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku' },
        { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article' },
      ),
    );
  }
});

test('no span and no log line of 200 interleaved requests is in a wrong trace', () => {
  const mixed = ITEMS.filter((item) => {
    const lines = recording.logs.filter(({ message }) => new RegExp(`of ${item}\\b`).test(String(message)));
    const spans = recording.spans.filter(({ attributes }) =>
      [attributes['url.path'], attributes['url.full']].some((url) => String(url).endsWith(`/stock/${item}`)),
    );
    const traceIds = [...lines.map((line) => line['trace_id']), ...spans.map((span) => span.traceId)];
    // A, B and C have written a line each; B's call and C's span have the item in their URL.
    return lines.length !== 3 || spans.length !== 2 || new Set(traceIds).size !== 1;
  });
  expect(mixed).toEqual([]);
});
