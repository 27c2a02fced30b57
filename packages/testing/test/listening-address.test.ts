import { expect, test } from 'vitest';

import { saidAddress } from '../src/listening-address.ts';

const LOCAL = 'http://127.0.0.1:3000';

test.each([
  ['this kit', 'listening on http://127.0.0.1:3000', LOCAL],
  ['Fastify', 'Server listening at http://127.0.0.1:3000', LOCAL],
  ['Fastify, to every address', 'Server listening at http://0.0.0.0:3000', LOCAL],
  ['Fastify, to every IPv6 address', 'Server listening at http://[::]:3000', LOCAL],
  ['Fastify, to IPv6', 'Server listening at http://[::1]:3000', 'http://[::1]:3000'],
  ['pino', '{"level":30,"pid":1,"msg":"Server listening at http://127.0.0.1:3000"}', LOCAL],
  [
    'pino-pretty',
    '[12:30:00.000] \u001b[32mINFO\u001b[39m (77): \u001b[36mServer listening at http://127.0.0.1:3000\u001b[39m',
    LOCAL,
  ],
  ["Node's own example", 'Server running at http://127.0.0.1:3000/', LOCAL],
  ["Express's own example", 'Example app listening on port 3000', LOCAL],
  ["Express's generator", '  app:server Listening on port 3000 +0ms', LOCAL],
  ['a guide for Koa', 'Server is running on port: 3000', LOCAL],
  ['another', '🚀 Server ready at: http://localhost:3000/', 'http://localhost:3000'],
  ['with a full stop', 'Server started on http://localhost:3000.', 'http://localhost:3000'],
  ["socket.io's", 'listening on *:3000', LOCAL],
  ['of a port alone', 'Listening on 3000...', LOCAL],
  ['winston', '{"level":"info","message":"listening on port 3000"}', LOCAL],
  ['fields', '{"level":30,"port":3000,"msg":"server listening"}', LOCAL],
  ['a field with all', '{"level":"INFO","message":"listening","url":"http://127.0.0.1:3000"}', LOCAL],
  ['after a word that is no address', 'Listening for jobs, running on port 3000', LOCAL],
  ['https', 'Server listening at https://127.0.0.1:3000', 'https://127.0.0.1:3000'],
])('where a service listens is read from the line of %s', (_whose, line, url) => {
  expect(saidAddress(line)).toEqual({ url });
});

test.each([
  'connected to http://127.0.0.1:5432',
  'worker started, polling http://queue:8080',
  'Debugger listening on ws://127.0.0.1:9229/0f2c936f-b1cd-4ac9-aab3-f63b0f33d55e',
  'started at 12:30:00',
  'Server started at 2026-11-25T21:58:02.000Z',
  'Listening on 4 queues',
  '{"msg":"database ready","port":5432}',
  '{"level":30,"url":"http://127.0.0.1:3000"}',
  'http://127.0.0.1:3000',
  '{not JSON',
])('a line that says nothing of it is none: %s', (line) => {
  expect(saidAddress(line)).toBeUndefined();
});

test.each(['Example app listening on port 0', 'listening on http://127.0.0.1:0/', 'listening on :0'])(
  'at port 0 nobody listens: %s',
  (line) => {
    expect(saidAddress(line)).toEqual({ url: undefined });
  },
);
