import { Writable } from 'node:stream';

import { withRequestId } from '@org/tracing-core';
import fastify, { type FastifyServerOptions } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';

import { fastifyTracing, type FastifyTracingOptions } from '../src/index.ts';
import { fastifyServer, fastifyVersions } from './fastify-server.ts';

type Line = Record<string, unknown>;

const MADE = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/;

/** Of one request: Fastify's own id, the one that is answered, and those of spans and lines. */
interface Ids {
  readonly own: string;
  readonly answered: string | null;
  readonly onSpan: unknown;
  readonly onLines: readonly (readonly [message: unknown, reqId: unknown, requestId: unknown])[];
}

async function idsOf(
  server: FastifyServerOptions,
  headers: Record<string, string> = {},
  create: typeof fastify = fastify,
  options: FastifyTracingOptions = { requestId: true },
): Promise<Ids> {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const { app, spans, get } = await fastifyServer(options, { logger: { stream }, ...server }, create);
  app.get('/', async (request) => {
    request.log.info('mine');
    return request.id;
  });
  const response = await get('/', { headers });
  const own = await response.text();
  const [span] = await spans.waitForSpans(1);
  // "request completed" is written after the answer.
  await app.close();
  return {
    own,
    answered: response.headers.get('x-request-id'),
    onSpan: span?.attributes['request_id'],
    onLines: lines
      .filter((line) => 'reqId' in line)
      .map((line) => [line['msg'], line['reqId'], line['request_id']]),
  };
}

const everywhere = (id: string): Ids => ({
  own: id,
  answered: id,
  onSpan: id,
  onLines: ['incoming request', 'mine', 'request completed'].map((message) => [message, id, id]),
});

describe.each(Object.entries(fastifyVersions))('fastify %s', (_version, create) => {
  test('an id that the application generates is that of the request everywhere (R9)', async () => {
    expect(await idsOf({ genReqId: () => 'own-1' }, {}, create)).toEqual(everywhere('own-1'));
  });

  test('one that Fastify takes from a header of the application’s choice is so too (R9)', async () => {
    const server = { requestIdHeader: 'x-correlation-id' };
    expect(await idsOf(server, { 'x-correlation-id': 'theirs' }, create)).toEqual(everywhere('theirs'));
  });

  test('the first line has the id already, and the lines that Fastify writes by itself (R9)', async () => {
    const { onLines } = await idsOf({}, { 'x-request-id': 'theirs' }, create);
    expect(onLines.map(([message, , id]) => [message, id])).toEqual([
      ['incoming request', 'theirs'],
      ['mine', 'theirs'],
      ['request completed', 'theirs'],
    ]);
  });
});

const withGenerator = Object.entries(fastifyVersions).filter(([version]) => version !== '4.23');

describe.each(withGenerator)('fastify %s, whose `request.id` is counted', (_version, create) => {
  test.each([
    ['the header', { 'x-request-id': 'theirs' }],
    ['the baggage', { baggage: 'request_id=theirs' }],
  ])('it is the caller’s from %s (R9)', async (_where, headers: Record<string, string>) => {
    expect(await idsOf({}, headers, create)).toEqual(everywhere('theirs'));
  });

  test('it is the one that is made (R9)', async () => {
    const made = await idsOf({}, {}, create);
    expect(made.own).toMatch(MADE);
    expect(made).toEqual(everywhere(made.own));
  });
});

test('before Fastify 4.25 `request.id` stays counted, beside the id of the request', async () => {
  const { own, answered, onSpan } = await idsOf({}, {}, fastifyVersions['4.23']);
  expect(own).toBe('req-1');
  expect(answered).toMatch(MADE);
  expect(onSpan).toBe(answered);
});

test('the caller’s id comes before one that the application generates, which stays its own (R9)', async () => {
  const { own, answered, onSpan } = await idsOf({ genReqId: () => 'own-1' }, { 'x-request-id': 'theirs' });
  expect({ own, answered, onSpan }).toEqual({ own: 'own-1', answered: 'theirs', onSpan: 'theirs' });
});

test('one of the application’s that may be no id is not sent anywhere', async () => {
  const { own, answered, onSpan } = await idsOf({ genReqId: () => 'two words' });
  expect(own).toBe('two words');
  expect(answered).toMatch(MADE);
  expect(onSpan).toBe(answered);
});

test('a number is one, as text', async () => {
  const { answered, onSpan } = await idsOf({ genReqId: () => 7 as unknown as string });
  expect({ answered, onSpan }).toEqual({ answered: '7', onSpan: '7' });
});

test('without the option `request.id` is what Fastify counts, and the lines have no id (R7)', async () => {
  const ids = await idsOf({}, { 'x-request-id': 'theirs' }, fastify, {});
  expect(ids).toEqual({
    own: 'req-1',
    answered: null,
    onSpan: undefined,
    onLines: ['incoming request', 'mine', 'request completed'].map((message) => [
      message,
      'req-1',
      undefined,
    ]),
  });
});

test('a request that is made in this process has the id of what made it', async () => {
  const { app, spans } = await fastifyServer({ requestId: true });
  app.get('/', async (request) => request.id);
  const { body, headers } = await withRequestId('outer', async () => app.inject('/'));
  expect([body, headers['x-request-id']]).toEqual(['outer', 'outer']);
  const [span] = await spans.waitForSpans(1);
  expect(span?.attributes['request_id']).toBe('outer');
});

test('lines have the id without a provider too (R8)', async () => {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  const app = fastify({ logger: { stream } });
  onTestFinished(() => app.close());
  await app.register(fastifyTracing, { requestId: true });
  app.get('/', async () => 'ok');
  const { headers } = await app.inject({ url: '/', headers: { 'x-request-id': 'theirs' } });
  expect(headers['x-request-id']).toBe('theirs');
  expect(lines.map((line) => [line['msg'], line['request_id'], line['trace_id']])).toEqual([
    ['incoming request', 'theirs', undefined],
    // Nothing holds a context here, and this line names no request.
    ['request completed', undefined, undefined],
  ]);
});

test('a route that is left out has no id, and keeps `request.id` (R7)', async () => {
  const { app, spans } = await fastifyServer({ requestId: true });
  app.get('/', { config: { tracing: false } }, async (request) => request.id);
  const { body, headers } = await app.inject({ url: '/', headers: { 'x-request-id': 'theirs' } });
  expect([body, headers['x-request-id'], spans.started]).toEqual(['theirs', undefined, 0]);
});
