import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import log from 'loglevel';
import { expect, onTestFinished, test } from 'vitest';

import { createApp } from '../src/app.ts';
import { piecesInStock } from '../src/inventory.ts';
import { listening } from './listening.ts';

log.setLevel('silent');

const ORDER = { sku: 'anvil', quantity: 2 };
const NOBODY = new URL('http://127.0.0.1:1/');

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends one request to a commander that runs for this test. */
async function ask(
  inventory: URL | undefined,
  path: string,
  init: RequestInit,
  orders?: URL,
): Promise<Answer> {
  const server = createApp(inventory, orders).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return { status: response.status, body: await response.json() };
}

function command(inventory: URL | undefined, body: string, type = 'application/json'): Promise<Answer> {
  return ask(inventory, '/command', { method: 'POST', body: new Blob([body], { type }) });
}

test('without an inventory POST /command answers by itself', async () => {
  const answer = await command(undefined, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 200, body: { ...ORDER, command: 'ship' } });
});

test.each([
  [2, 'ship'],
  [1, 'reorder'],
])(
  'POST /command asks the inventory: with %d pieces in stock for 2 ordered it says %s',
  async (pieces, said) => {
    const asked: unknown[] = [];
    const inventory = await listening((request, response) => {
      asked.push(request.method, request.url);
      response.end(JSON.stringify({ sku: 'anvil', pieces }));
    });
    const answer = await command(inventory, JSON.stringify(ORDER));
    expect(answer).toEqual({ status: 200, body: { ...ORDER, command: said, pieces } });
    expect(asked).toEqual(['GET', '/stock/anvil']);
  },
);

test.each([
  ['bad JSON', '{"sku": "anvil",', /^body cannot be read: .*JSON/],
  ['a body that is no object', '[]', /^body must be a JSON object$/],
  ['an unknown field', '{"sku":"anvil","quantity":1,"colour":"red"}', /^body: unknown field "colour"$/],
  ['a missing field', '{"sku":"anvil"}', /^body\/quantity must be a whole number from 1 to 1000$/],
  ['a sku with other characters', '{"sku":"../x","quantity":1}', /^body\/sku must be 1 to 40/],
  ['a quantity as text', '{"sku":"anvil","quantity":"1"}', /^body\/quantity must be a whole number/],
  ['a quantity of nothing', '{"sku":"anvil","quantity":0}', /^body\/quantity must be a whole number/],
])('POST /command refuses %s with a 4xx and a clear message', async (_what, body, message) => {
  const answer = await command(NOBODY, body);
  expect(answer).toEqual({ status: 400, body: { message: expect.stringMatching(message) } });
});

test('POST /command refuses another content type with 415', async () => {
  const answer = await command(NOBODY, 'sku=anvil', 'application/x-www-form-urlencoded');
  expect(answer).toEqual({ status: 415, body: { message: 'body must be JSON' } });
});

test('POST /command refuses a body that is too large with 413', async () => {
  const answer = await command(NOBODY, JSON.stringify({ sku: 'a'.repeat(2 ** 20), quantity: 1 }));
  expect(answer).toEqual({ status: 413, body: { message: expect.stringContaining('too large') } });
});

test('an unknown path is answered with 404 and named, another method with 405', async () => {
  const unknown = await ask(NOBODY, '/commands', {});
  expect(unknown).toEqual({ status: 404, body: { message: 'no GET /commands' } });
  const other = await ask(NOBODY, '/command', {});
  expect(other).toEqual({ status: 405, body: { message: 'Method Not Allowed' } });
});

test('GET /health answers', async () => {
  expect(await ask(NOBODY, '/health', {})).toEqual({ status: 200, body: { status: 'ok' } });
});

test.each([
  ['does not know the article', 404, '{}', 404, 'no article "anvil"'],
  ['fails', 500, '{}', 502, 'the inventory answered 500'],
  ['does not speak JSON', 200, '<html>', 502, 'the inventory did not answer'],
  ['gives no number of pieces', 200, '{"pieces":"two"}', 502, 'the inventory gave no number of pieces'],
])(
  'an inventory that %s is a sensible status with a message',
  async (_what, status, body, wanted, message) => {
    const inventory = await listening((_request, response) => response.writeHead(status).end(body));
    const answer = await command(inventory, JSON.stringify(ORDER));
    expect(answer).toEqual({ status: wanted, body: { message } });
  },
);

test('an inventory that is not there is a 502 with a message', async () => {
  const answer = await command(NOBODY, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 502, body: { message: 'the inventory did not answer' } });
});

test('an inventory that is too slow is a 502 at the time limit', async () => {
  const inventory = await listening(() => undefined);
  await expect(piecesInStock(inventory, 'anvil', 50)).rejects.toMatchObject({
    status: 502,
    message: 'the inventory did not answer',
    cause: { name: 'TimeoutError' },
  });
});

test.each([
  ['ship', 2, { order: 'o-1' }, ['POST', '/orders', ORDER]],
  ['reorder', 1, {}, []],
])(
  'with ORDERS_URL a command to %s with %d pieces in stock places %j',
  async (said, pieces, more, expected) => {
    const asked: unknown[] = [];
    const inventory = await listening((_request, response) => response.end(JSON.stringify({ pieces })));
    const orders = await listening(async (request, response) => {
      asked.push(request.method, request.url, await json(request));
      response.writeHead(202).end(JSON.stringify({ order: 'o-1' }));
    });
    const body = new Blob([JSON.stringify(ORDER)], { type: 'application/json' });
    const answer = await ask(inventory, '/command', { method: 'POST', body }, orders);
    expect(answer).toEqual({ status: 200, body: { ...ORDER, command: said, pieces, ...more } });
    expect(asked).toEqual(expected);
  },
);

test('an order that nobody takes, or that is refused, is a 502', async () => {
  const body = JSON.stringify(ORDER);
  const init = (): RequestInit => ({ method: 'POST', body: new Blob([body], { type: 'application/json' }) });
  expect(await ask(undefined, '/command', init(), NOBODY)).toEqual({
    status: 502,
    body: { message: 'nobody took the order' },
  });
  const refusing = await listening((_request, response) => response.writeHead(503).end('{}'));
  expect(await ask(undefined, '/command', init(), refusing)).toEqual({
    status: 502,
    body: { message: 'the order was answered with 503' },
  });
});
