import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { sendOrders, summarise } from '../src/load.ts';

test('requests are sent when they are due, however long the answers take, and latency counts from then', async () => {
  const held: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    held.push(response);
    // None is answered before all ten wait at the same time.
    if (held.length === 10) for (const answer of held.splice(0)) answer.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const samples = await sendOrders(url, 1000, 10);
  expect(samples.map(({ failure }) => failure)).toEqual(samples.map(() => undefined));
  expect(samples[0]?.millis).toBeGreaterThan(samples[9]?.millis ?? 0);
});

test('any answer but 200 is a failure, and so is none', async () => {
  let answered = 0;
  const server = createServer((request, response) => {
    answered += 1;
    if (answered === 1) response.writeHead(503).end();
    else request.socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { requests, failures } = summarise(await sendOrders(url, 1000, 2));
  expect(requests).toBe(2);
  expect(failures.toSorted()).toEqual(['socket hang up', 'status 503']);
});

test('a percentile is a latency that was measured', () => {
  const samples = Array.from({ length: 200 }, (_, index) => ({ millis: index + 1, failure: undefined }));
  expect(summarise(samples)).toEqual({ requests: 200, failures: [], p50: 100, p99: 198, max: 200 });
});
