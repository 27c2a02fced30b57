import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { SpanRecord } from '@org/tracing-core';
import type { LogLine } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import PgBoss from 'pg-boss';
import { expect, test, vi } from 'vitest';

import { dispatching, packing, placing } from './order-trees.ts';
import { promised, unpromised } from './promised-attributes.ts';
import { built } from './record-hops.ts';
import { type Orders, placeOrder, recordOrders } from './record-orders.ts';
import { dispatch } from './record-samples.ts';

expect.extend(traceMatchers);

const run = promisify(execFile);

// The processes start one after the other.
vi.setConfig({ testTimeout: 120_000 });

const packed = ({ message }: LogLine): boolean => message === '2 of anvil are packed';

/** Sends one order through all services, and waits until it is packed. @returns The lines of all of them. */
async function dispatchOne({ inventory, databaseUrl, start }: Orders, parent: string): Promise<LogLine[]> {
  const env = { DATABASE_URL: databaseUrl, NEXT_URL: inventory.url, PARENT: parent };
  const worker = await start('worker', env);
  const commander = await start('commander', { NEXT_URL: inventory.url, ORDERS_URL: inventory.url });
  const dispatcher = await start('dispatcher', { NEXT_URL: commander.url });
  await dispatch(dispatcher, { sku: 'anvil', quantity: 2 });
  await worker.waitForLog(packed);
  return [dispatcher, commander, inventory, worker].flatMap(({ logs }) => logs);
}

function only(spans: readonly SpanRecord[], name: string): SpanRecord {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as SpanRecord;
}

function idsOf({ traceId, spanId }: SpanRecord): object {
  return { traceId, spanId };
}

/** What the links of a span point at. */
function linked({ links }: SpanRecord): object[] {
  return links.map(({ traceId, spanId }) => ({ traceId, spanId }));
}

test('by link a request and the order that it placed are two traces, joined by one link and one request_id (Q5, Q8, Q12)', async () => {
  const { taken: lines, spans, traces } = await recordOrders((orders) => dispatchOne(orders, 'link'));

  // What pg-boss asks the database all the time is none of them.
  expect(spans).toHaveLength(14);
  const [request = [], order = []] = traces.toSorted((a, b) => b.length - a.length);
  expect(request).toMatchTraceTree(dispatching());
  expect(order).toMatchTraceTree(packing);
  expect(order).toBeContinuous();
  expect(linked(only(order, 'process orders'))).toEqual([idsOf(only(request, 'send orders'))]);
  expect(spans.flatMap(({ links }) => links)).toHaveLength(1);

  const { request_id: requestId } = request[0]?.attributes ?? {};
  expect(requestId).toMatch(/^[\da-f-]{36}$/);
  expect(new Set(spans.map(({ attributes }) => attributes['request_id']))).toEqual(new Set([requestId]));
  const where = (line: LogLine): string => (line['trace_id'] === request[0]?.traceId ? 'request' : 'order');
  expect(lines.map((line) => [line['service'], where(line), line['request_id']])).toEqual([
    ['dispatcher', 'request', requestId],
    ['commander', 'request', requestId],
    ['inventory', 'request', requestId],
    ['inventory', 'request', requestId],
    ['inventory', 'order', requestId],
    ['worker', 'order', requestId],
    ['worker', 'order', requestId],
  ]);
});

test('docs/attributes.md promises every attribute of the spans of messages', async () => {
  const { spans } = await recordOrders(async ({ inventory, databaseUrl, start }) => {
    const worker = await start('worker', { DATABASE_URL: databaseUrl, NEXT_URL: inventory.url });
    await placeOrder(inventory, { sku: 'anvil', quantity: 2 });
    await worker.waitForLog(packed);
  });
  for (const [name, heading] of Object.entries({
    'send orders': 'PRODUCER span of a message',
    'process orders': 'CONSUMER span of a message',
  })) {
    const names = Object.keys(only(spans, name).attributes);
    expect(names.length).toBeGreaterThanOrEqual(5);
    expect(unpromised(names, [...promised('Every span'), ...promised(heading)]), heading).toEqual([]);
  }
});

test('as a child the order is part of the trace of the request that placed it (Q6)', async () => {
  const { spans } = await recordOrders((orders) => dispatchOne(orders, 'child'));
  expect(spans).toMatchTraceTree(dispatching(packing));
  expect(spans).toBeContinuous();
  expect(linked(only(spans, 'process orders'))).toEqual([idsOf(only(spans, 'send orders'))]);
});

test('a batch of ten orders is one span with ten links (Q7)', async () => {
  const {
    taken: ids,
    spans,
    traces,
  } = await recordOrders(async ({ inventory, databaseUrl, receiver }) => {
    const places = Array.from({ length: 10 }, () => placeOrder(inventory, { sku: 'anvil', quantity: 1 }));
    const placed = await Promise.all(places);
    const env = { ...process.env, DATABASE_URL: databaseUrl, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    await run(process.execPath, [built('batch')], { env });
    return placed;
  });

  expect(traces).toHaveLength(11);
  const batch = only(spans, 'process orders');
  expect(traces.find(([span]) => span?.traceId === batch.traceId)).toMatchTraceTree({
    service: 'batch',
    kind: 'CONSUMER',
    name: 'process orders',
    attributes: { 'messaging.batch.message_count': 10, 'messaging.message.id': undefined },
    children: [{ service: 'batch', kind: 'CLIENT', name: expect.stringContaining('UPDATE pgboss.job') }],
  });
  const producers = spans.filter(({ name }) => name === 'send orders');
  const byId = (a: { id: string }, b: { id: string }): number => a.id.localeCompare(b.id);
  expect(
    batch.links
      .map(({ traceId, spanId, attributes }) => ({
        traceId,
        spanId,
        id: String(attributes['messaging.message.id']),
      }))
      .toSorted(byId),
  ).toEqual(
    producers
      .map((span) => ({ ...idsOf(span), id: String(span.attributes['messaging.message.id']) }))
      .toSorted(byId),
  );
  expect(new Set(producers.map((span) => span.attributes['messaging.message.id']))).toEqual(new Set(ids));
});

test('an order of somebody who is not traced is a root without links (Q9)', async () => {
  const { spans, traces } = await recordOrders(async ({ inventory, databaseUrl, start }) => {
    const worker = await start('worker', { DATABASE_URL: databaseUrl, NEXT_URL: inventory.url });
    // No SDK runs in this process.
    const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
    await boss.start();
    await boss.send('orders', { sku: 'anvil', quantity: 2 });
    await worker.waitForLog(packed);
    await boss.stop({ graceful: false });
  });
  expect(traces).toHaveLength(1);
  expect(spans).toMatchTraceTree(packing);
  expect(spans).toBeContinuous();
  expect(spans.flatMap(({ links }) => links)).toEqual([]);
});

test('orders are children of the request that placed them, also where nobody takes them', async () => {
  const { spans } = await recordOrders(({ inventory }) =>
    placeOrder(inventory, { sku: 'anvil', quantity: 2 }),
  );
  expect(spans).toMatchTraceTree(placing());
  expect(spans).toBeContinuous();
});
