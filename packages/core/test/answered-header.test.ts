import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { answerHeader } from '../src/answered-header.ts';
import { listen } from './support/listen.ts';

type Head = (response: ServerResponse) => void;

async function answered(write: Head): Promise<Headers> {
  const url = await listen((_request, response) => {
    answerHeader(response, 'x-request-id', 'r-1');
    write(response);
    response.end();
  });
  return (await fetch(url)).headers;
}

const heads: Readonly<Record<string, Head>> = {
  'names and values in turn': (response) =>
    response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']),
  'the same with a reason': (response) =>
    response.writeHead(200, 'Fine', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']),
  'an object': (response) => response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }),
  'pairs, which Node takes too': (response) =>
    response.writeHead(200, [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ] as never),
  'headers that were set before': (response) => response.setHeader('Set-Cookie', ['a=1', 'b=2']),
};

test.each(Object.keys(heads))('a head given as %s is sent whole, with the header', async (name) => {
  const headers = await answered(heads[name] as Head);
  expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(headers.get('x-request-id')).toBe('r-1');
});

test.each<[string, Head]>([
  ['in an array', (response) => response.writeHead(200, ['X-Request-Id', 'own', 'x-other', '1'])],
  ['in an object', (response) => response.writeHead(200, { 'X-Request-ID': 'own' })],
  ['by setHeader', (response) => response.setHeader('X-Request-ID', 'own')],
])('what the application sets itself %s stays', async (_how, write) => {
  expect((await answered(write)).get('x-request-id')).toBe('own');
});
