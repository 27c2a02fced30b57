import { Writable } from 'node:stream';

import { withSpan } from '@org/tracing-core';
import { collectSpans } from '@org/tracing-testing';
import fastify from 'fastify';
import fastify4 from 'fastify4';
import { expect, onTestFinished, test, vi } from 'vitest';

import { fastifyTracing } from '../src/index.ts';
import { fastifyServer } from './fastify-server.ts';

type Line = Record<string, unknown>;

/** A stream that Fastify's logger writes to, and its lines. */
function lineStream(): { lines: Line[]; stream: Writable } {
  const lines: Line[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line);
      done();
    },
  });
  return { lines, stream };
}

test('Fastify’s own lines, the first and "request completed" too, carry the ids of the server span (L1)', async () => {
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer({}, { logger: { stream } });
  app.get('/', async (request) => {
    request.log.info('mine');
    return 'ok';
  });
  await get('/');
  const [span] = await spans.waitForSpans(1);
  const ofRequest = lines.filter((line) => 'reqId' in line);
  expect(ofRequest.map((line) => line['msg'])).toEqual(['incoming request', 'mine', 'request completed']);
  for (const line of ofRequest) {
    expect(line).toMatchObject({ trace_id: span?.traceId, span_id: span?.spanId, trace_flags: '01' });
  }
});

test('Fastify’s lines of an error and of an unknown route carry the ids of their requests', async () => {
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer({}, { logger: { stream } });
  app.get('/', async () => {
    throw new Error('broken');
  });
  await get('/');
  await get('/nowhere');
  const [failed, unknown] = await spans.waitForSpans(2);
  const ofRequest = lines.filter((line) => 'reqId' in line);
  expect(ofRequest.map((line) => [line['msg'], line['span_id']])).toEqual([
    ['incoming request', failed?.spanId],
    ['broken', failed?.spanId],
    ['request completed', failed?.spanId],
    ['incoming request', unknown?.spanId],
    ['Route GET:/nowhere not found', unknown?.spanId],
    ['request completed', unknown?.spanId],
  ]);
});

test('lines of Fastify 4 carry the ids too, where nobody awaited the registration', async () => {
  const { lines, stream } = lineStream();
  await using spans = collectSpans();
  const app = fastify4({ logger: { stream } });
  onTestFinished(() => app.close());
  void app.register(fastifyTracing as never);
  app.get('/', async () => 'ok');
  await app.inject('/');
  const [span] = await spans.waitForSpans(1);
  expect(lines.map((line) => [line['msg'], line['span_id']])).toEqual([
    ['incoming request', span?.spanId],
    ['request completed', span?.spanId],
  ]);
});

test('a line written inside another span carries that one’s id', async () => {
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer({}, { logger: { stream } });
  app.get('/', async (request) => withSpan('inner', async () => request.log.info('inside')));
  await get('/');
  const whole = await spans.waitForTrace({ spanCount: 2 });
  const inner = whole.find((span) => span.name === 'inner');
  expect(lines.find((line) => line['msg'] === 'inside')?.['span_id']).toBe(inner?.spanId);
});

test('lines of an excluded request, and of none, have no ids (L2)', async () => {
  const { lines, stream } = lineStream();
  const { app, get } = await fastifyServer({}, { logger: { stream } });
  app.get('/health', async () => 'ok');
  await get('/health');
  app.log.info('outside');
  expect(lines.map((line) => line['trace_id'])).toEqual(lines.map(() => undefined));
});

test('the application’s own mixin and fields win over the ids (L4, L7)', async () => {
  const { lines, stream } = lineStream();
  const mixin = (): object => ({ tenant: 'acme', trace_flags: 'mine' });
  const { app, spans, get } = await fastifyServer({}, { logger: { stream, mixin } });
  app.get('/', async (request) => request.log.info({ span_id: 'own' }, 'mine'));
  await get('/');
  const [span] = await spans.waitForSpans(1);
  expect(lines.find((line) => line['msg'] === 'mine')).toMatchObject({
    tenant: 'acme',
    trace_id: span?.traceId,
    span_id: 'own',
    trace_flags: 'mine',
  });
});

test('requests keep their ids and generated request ids stay the application’s', async () => {
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer({}, { logger: { stream }, genReqId: () => 'own-id' });
  app.get('/', async (request) => request.id);
  expect(await (await get('/')).text()).toBe('own-id');
  await spans.waitForSpans(1);
  expect(lines.find((line) => line['msg'] === 'incoming request')?.['reqId']).toBe('own-id');
});

test('a request that brings its own id has the ids on its first line too', async () => {
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer(
    {},
    { logger: { stream }, requestIdHeader: 'x-request-id' },
  );
  app.get('/', async () => 'ok');
  await get('/', { headers: { 'x-request-id': 'theirs' } });
  const [span] = await spans.waitForSpans(1);
  const [first] = lines.filter((line) => line['reqId'] === 'theirs');
  expect([first?.['msg'], first?.['span_id']]).toEqual(['incoming request', span?.spanId]);
});

test('lines of requests outside the plugin’s scope have no ids and make no spans', async () => {
  const { lines, stream } = lineStream();
  await using spans = collectSpans();
  const app = fastify({ logger: { stream } });
  onTestFinished(() => app.close());
  await app.register(async (scope) => {
    await scope.register(fastifyTracing);
    scope.get('/in', async () => 'ok');
  });
  app.get('/out', async () => 'ok');
  await app.inject('/out');
  expect([lines.map((line) => line['trace_id']), spans.started]).toEqual([[undefined, undefined], 0]);
  await app.inject('/in');
  const [span] = await spans.waitForSpans(1);
  expect(lines.slice(2).map((line) => line['span_id'])).toEqual([span?.spanId, span?.spanId]);
});

test('LOG_FORMAT gives Fastify’s lines the ids of a backend (L1)', async () => {
  vi.stubEnv('LOG_FORMAT', 'ecs');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { lines, stream } = lineStream();
  const { app, spans, get } = await fastifyServer({}, { logger: { stream } });
  app.get('/', async () => 'ok');
  await get('/');
  const [span] = await spans.waitForSpans(1);
  const ids = lines.map((line) => [line['trace.id'], line['span.id'], line['trace_id']]);
  expect(ids.slice(-2)).toEqual([
    [span?.traceId, span?.spanId, undefined],
    [span?.traceId, span?.spanId, undefined],
  ]);
});
