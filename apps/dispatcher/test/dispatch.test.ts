import { text } from 'node:stream/consumers';

import log from 'loglevel';
import { expect, onTestFinished, test } from 'vitest';

import { createApp } from '../src/app.ts';
import { command } from '../src/commander.ts';
import { listening } from './listening.ts';

log.setLevel('silent');

const ORDER = { sku: 'anvil', quantity: 2 };
const NOBODY = new URL('http://127.0.0.1:1/');

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends one request to a dispatcher that runs for this test. */
async function ask(commander: URL, path: string, init: RequestInit): Promise<Answer> {
  const app = createApp(commander);
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const response = await fetch(new URL(path, url), init);
  return { status: response.status, body: await response.json() };
}

function dispatch(commander: URL, body: string, type = 'application/json'): Promise<Answer> {
  return ask(commander, '/dispatch', { method: 'POST', body: new Blob([body], { type }) });
}

test('POST /dispatch hands the order to the commander and answers with its command', async () => {
  const received: unknown[] = [];
  const commander = await listening(async (request, response) => {
    received.push(request.method, request.url, JSON.parse(await text(request)));
    response.end(JSON.stringify({ ...ORDER, command: 'ship' }));
  });
  const answer = await dispatch(commander, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 200, body: { ...ORDER, command: 'ship' } });
  expect(received).toEqual(['POST', '/command', ORDER]);
});

test.each([
  ['bad JSON', '{"sku": "anvil",', 400, /JSON/],
  ['an empty body', '', 400, /empty/],
  ['a body that is no object', '[]', 400, /^body must be object$/],
  ['an unknown field', '{"sku":"anvil","quantity":1,"colour":"red"}', 400, /^body: unknown field "colour"$/],
  ['a missing field', '{"sku":"anvil"}', 400, /^body must have required property 'quantity'$/],
  ['a sku with other characters', '{"sku":"../x","quantity":1}', 400, /^body\/sku must match pattern/],
  ['a quantity as text', '{"sku":"anvil","quantity":"1"}', 400, /^body\/quantity must be integer$/],
  ['a quantity of nothing', '{"sku":"anvil","quantity":0}', 400, /^body\/quantity must be >= 1$/],
])('POST /dispatch refuses %s with a 4xx and a clear message', async (_what, body, status, message) => {
  const answer = await dispatch(NOBODY, body);
  expect(answer).toEqual({ status, body: { message: expect.stringMatching(message) } });
});

test('POST /dispatch refuses another content type with 415', async () => {
  const answer = await dispatch(NOBODY, 'sku=anvil', 'application/x-www-form-urlencoded');
  expect(answer).toEqual({
    status: 415,
    body: { message: expect.stringContaining('Unsupported Media Type') },
  });
});

test('an unknown path is answered with 404 and named', async () => {
  const answer = await ask(NOBODY, '/dispatches', { method: 'GET' });
  expect(answer).toEqual({ status: 404, body: { message: 'no GET /dispatches' } });
});

test('GET /health answers', async () => {
  expect(await ask(NOBODY, '/health', {})).toEqual({ status: 200, body: { status: 'ok' } });
});

test('an article that the commander does not know is a 404', async () => {
  const commander = await listening((_request, response) => response.writeHead(404).end('{}'));
  const answer = await dispatch(commander, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 404, body: { message: 'no article "anvil"' } });
});

test('a commander that fails is a 502 with a message', async () => {
  const commander = await listening((_request, response) => response.writeHead(500).end('{}'));
  const answer = await dispatch(commander, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 502, body: { message: 'the commander answered 500' } });
});

test('a commander that does not speak JSON is a 502 with a message', async () => {
  const commander = await listening((_request, response) => response.end('<html>'));
  const answer = await dispatch(commander, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 502, body: { message: 'the commander did not answer' } });
});

test('a commander that is not there is a 502 with a message', async () => {
  const answer = await dispatch(NOBODY, JSON.stringify(ORDER));
  expect(answer).toEqual({ status: 502, body: { message: 'the commander did not answer' } });
});

test('a commander that is too slow is a 502 at the time limit', async () => {
  const commander = await listening(() => undefined);
  await expect(command(commander, ORDER, 50)).rejects.toMatchObject({
    statusCode: 502,
    message: 'the commander did not answer',
    cause: { name: 'TimeoutError' },
  });
});
