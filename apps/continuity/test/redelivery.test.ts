import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SpanRecord } from '@org/tracing-core';
import type { LogLine } from '@org/tracing-testing';
import { traceMatchers } from '@org/tracing-testing/vitest';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';

import { chain } from './chain.ts';
import { packing, placing } from './order-trees.ts';
import { placeOrder, recordOrders } from './record-orders.ts';

expect.extend(traceMatchers);

// The processes start one after the other, and a second has to pass before the order is given to another.
vi.setConfig({ testTimeout: 120_000 });

const packed = ({ message }: LogLine): boolean => message === '2 of anvil are packed';

/** Passes requests on to `target`, but keeps the first answer for ever. */
async function keepingTheFirstAnswer(target: string): Promise<{ url: string; kept: Promise<unknown> }> {
  const kept = new EventEmitter();
  const answered = once(kept, 'answer');
  let requests = 0;
  const server = createServer(async ({ url, headers }, response) => {
    const first = requests++ === 0;
    const { traceparent = '', baggage = '' } = headers as Record<string, string>;
    const answer = await fetch(`${target}${url}`, { headers: { traceparent, baggage } });
    const body = await answer.text();
    if (first) kept.emit('answer');
    else response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, kept: answered };
}

async function query(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

test('an order whose worker is killed in the middle of it is packed by another, and both attempts are seen (Q11)', async () => {
  const { taken, spans } = await recordOrders(async ({ inventory, databaseUrl, receiver, start }) => {
    await query(databaseUrl, "UPDATE pgboss.queue SET expire_seconds = 1 WHERE name = 'orders'");
    const { url, kept } = await keepingTheFirstAnswer(inventory.url);
    const env = { DATABASE_URL: databaseUrl, NEXT_URL: url };
    const first = await start('worker', env);
    await placeOrder(inventory, { sku: 'anvil', quantity: 2 }, { 'x-request-id': 'r-1' });
    await kept;
    await receiver.waitForSpans((arrived) => arrived.some(({ name }) => name === 'GET /stock/:sku'));
    expect(await first.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await start('worker', env);
    await second.waitForLog(packed);
    await second.stop();
    const jobs = await query(databaseUrl, "SELECT state, retry_count FROM pgboss.job WHERE name = 'orders'");
    return { jobs, lines: [...first.logs, ...second.logs].filter(({ request_id }) => request_id === 'r-1') };
  });

  // Nothing is lost, and nothing is there twice.
  expect(taken.jobs).toEqual([{ state: 'completed', retry_count: 1 }]);

  const [crashed, done, end] = taken.lines;
  expect(taken.lines.map(({ message }) => message)).toEqual([
    'order for 2 of anvil is taken, attempt 1',
    'order for 2 of anvil is taken, attempt 2',
    '2 of anvil are packed',
  ]);
  const ofTrace = (line: LogLine | undefined): SpanRecord[] =>
    spans.filter(({ traceId }) => traceId === line?.['trace_id']);
  const placed = spans.filter(
    ({ traceId }) => traceId !== crashed?.['trace_id'] && traceId !== done?.['trace_id'],
  );
  expect(placed).toMatchTraceTree(placing());

  // The spans that were open in the killed process went with it; what it had reached by then is there.
  const [lost] = ofTrace(crashed).filter(({ name }) => name === 'GET /stock/:sku');
  expect(ofTrace(crashed)).toMatchTraceTree(
    chain(
      { service: 'inventory', kind: 'SERVER', name: 'GET /stock/:sku', attributes: { request_id: 'r-1' } },
      { service: 'inventory', kind: 'CLIENT', name: 'SELECT stock article' },
    ),
  );
  expect(spans.map(({ spanId }) => spanId)).not.toContain(lost?.parentSpanId);

  expect(ofTrace(done)).toMatchTraceTree(packing);
  expect(end?.['trace_id']).toBe(done?.['trace_id']);
  const producer = spans.find(({ name }) => name === 'send orders');
  expect(ofTrace(done).flatMap(({ links }) => links.map(({ spanId }) => spanId))).toEqual([producer?.spanId]);
});
