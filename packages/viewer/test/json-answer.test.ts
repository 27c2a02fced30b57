import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { answerJson, answerProblem, readBody } from '../src/json-answer.ts';

/** The address of a server that takes ten bytes and answers with them. */
async function smallServer(): Promise<string> {
  const server = createServer((request, response) => {
    readBody(request, 10).then(
      (body) => answerJson(response, { text: body.toString('utf8') }),
      (error: unknown) => answerProblem(response, error),
    );
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a body within the bound is taken, one beyond it is refused though it is still being sent', async () => {
  const url = await smallServer();
  const taken = await fetch(url, { method: 'POST', body: 'äöü 1' });
  expect(await taken.json()).toEqual({ text: 'äöü 1' });
  const refused = await fetch(url, { method: 'POST', body: 'x'.repeat(10_000_000) });
  expect([refused.status, await refused.json()]).toEqual([
    413,
    { error: 'the body has more than the 10 bytes that are taken' },
  ]);
});
