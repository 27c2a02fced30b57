import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { startLoad, summarise } from '../src/load.ts';

test('requests are sent when they are due, however long the answers take, and latency counts from then', async () => {
  const held: ServerResponse[] = [];
  let open = false;
  const server = createServer((_request, response) => {
    held.push(response);
    // None is answered before ten wait at the same time.
    open ||= held.length >= 10;
    if (open) for (const answer of held.splice(0)) answer.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());

  const load = startLoad(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1000);
  await load.ended(10);
  await load.stop();
  const first = load.samples.slice(0, 10);
  expect(first.map(({ failure }) => failure)).toEqual(first.map(() => undefined));
  expect(first[0]?.millis).toBeGreaterThan(first[9]?.millis ?? 0);
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

  const load = startLoad(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1000);
  await load.ended(2);
  await load.stop();
  const { requests, failures } = summarise(load.samples);
  expect(failures).toHaveLength(requests);
  expect(failures.slice(0, 2).toSorted()).toEqual(['socket hang up', 'status 503']);
});

test('a percentile is a latency that was measured', () => {
  const samples = Array.from({ length: 200 }, (_, index) => ({ millis: index + 1, failure: undefined }));
  expect(summarise(samples)).toEqual({ requests: 200, failures: [], p50: 100, p99: 198, max: 200 });
});
