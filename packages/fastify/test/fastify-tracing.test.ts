import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import formbody from '@fastify/formbody';
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { serverSpanOf, withSpan } from '@org/tracing-core';
import { collectSpans } from '@org/tracing-testing';
import fastify, { type FastifyRequest, type FastifyServerOptions } from 'fastify';
import fastify4 from 'fastify4';
import supertest from 'supertest';
import { expect, onTestFinished, test } from 'vitest';

import defaultExport, { fastifyTracing } from '../src/index.ts';
import { fastifyServer } from './fastify-server.ts';

test('the plugin is the default export too, named, unencapsulated, for Fastify 4 and 5 (F1)', () => {
  expect(defaultExport).toBe(fastifyTracing);
  const symbols = fastifyTracing as unknown as Record<symbol, unknown>;
  expect(symbols[Symbol.for('skip-override')]).toBe(true);
  expect(symbols[Symbol.for('fastify.display-name')]).toBe('@org/tracing-fastify');
  expect(symbols[Symbol.for('plugin-meta')]).toEqual({ name: '@org/tracing-fastify', fastify: '>=4.23 <6' });
});

test('the plugin can be required from CommonJS (F1)', () => {
  const required = createRequire(import.meta.url)('@org/tracing-fastify') as Record<string, unknown>;
  expect(required['fastifyTracing']).toBeTypeOf('function');
  expect(required['default']).toBe(required['fastifyTracing']);
  expect(required['initTracing']).toBeTypeOf('function');
});

test('an option of the wrong type fails the registration with its name (F3)', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  await expect(async () => {
    await app.register(fastifyTracing, { excludedUrls: 7 as unknown as string });
  }).rejects.toThrow(TypeError);
});

test('routes that were defined before the plugin had loaded are traced', async () => {
  await using spans = collectSpans();
  const app = fastify();
  onTestFinished(() => app.close());
  void app.register(fastifyTracing);
  app.get('/early/:x', async () => 'ok');
  await app.inject('/early/1');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET /early/:x']);
});

test('in a scope of its own the plugin traces the routes of that scope alone (F11)', async () => {
  await using spans = collectSpans();
  const app = fastify();
  onTestFinished(() => app.close());
  await app.register(async (scope) => {
    await scope.register(fastifyTracing);
    scope.get('/in', async () => 'ok');
  });
  app.get('/out', async () => 'ok');
  await app.inject('/out');
  await app.inject('/in');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET /in']);
});

test('app.inject works, traces, and is a child of the span that it is called in', async () => {
  const { app, spans } = await fastifyServer();
  app.get('/users/:id', async () => ({ active: trace.getActiveSpan() !== undefined }));
  const response = await withSpan('caller', async () => app.inject('/users/7'));
  expect(response.json()).toEqual({ active: true });
  const whole = await spans.waitForTrace({ spanCount: 2 });
  expect(whole.map((span) => [span.name, span.kind])).toContainEqual(['GET /users/:id', SpanKind.SERVER]);
});

test('supertest works and traces', async () => {
  const { app, spans } = await fastifyServer();
  app.get('/users/:id', async () => ({ active: trace.getActiveSpan() !== undefined }));
  await app.ready();
  const response = await supertest(app.server).get('/users/7').expect(200);
  expect(response.body).toEqual({ active: true });
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET /users/:id']);
});

test('an error of a handler goes to the custom error handler and the onError hooks as it is (F8)', async () => {
  const { app, spans, get } = await fastifyServer();
  const thrown = new Error('broken');
  const seen: unknown[] = [];
  app.addHook('onError', async (_request, _reply, error) => void seen.push(error));
  app.setErrorHandler(async (error, _request, reply) => {
    seen.push(error, trace.getActiveSpan() !== undefined);
    return reply.code(503).send({ sorry: true });
  });
  app.get('/', async () => {
    throw thrown;
  });
  const response = await get('/');
  expect([response.status, await response.json()]).toEqual([503, { sorry: true }]);
  expect(seen).toEqual([thrown, thrown, true]);
  const [span] = await spans.waitForSpans(1);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
  expect(span?.attributes['error.type']).toBe('503');
  expect(span?.events.map((event) => event.name)).toEqual(['exception']);
});

test('the span is active in every hook of a request, in its body parsers and in the error handler', async () => {
  const { app, spans, get } = await fastifyServer();
  let active: [string, string | undefined][] = [];
  const note = (where: string): void =>
    void active.push([where, trace.getActiveSpan()?.spanContext().spanId]);
  await app.register(formbody);
  app.addContentTypeParser('text/own', (_request, payload, done) => {
    payload.on('data', () => note('parser data'));
    payload.on('end', () => {
      note('parser end');
      done(null, 'parsed');
    });
  });
  for (const hook of ['onRequest', 'preValidation', 'preHandler', 'onResponse'] as const) {
    app.addHook(hook, async () => note(hook));
  }
  for (const hook of ['preParsing', 'preSerialization', 'onSend'] as const) {
    app.addHook(hook as 'onSend', async (_request, _reply, payload) => {
      note(hook);
      return payload;
    });
  }
  app.addHook('onError', async (_request, _reply, _error) => note('onError'));
  app.setErrorHandler(async (_error, _request, _reply) => {
    note('error handler');
    return { sorry: true };
  });
  app.post('/', async ({ body }) => {
    if (body === 'parsed') throw new Error('broken');
    return { body };
  });

  const before = ['onRequest', 'preParsing'];
  const after = ['preSerialization', 'onSend', 'onResponse'];
  await get('/', { method: 'POST', body: new URLSearchParams({ a: '1' }) });
  const [first] = await spans.waitForSpans(1);
  const places = [...before, 'preValidation', 'preHandler', ...after];
  expect(active).toEqual(places.map((place) => [place, first?.spanId]));

  active = [];
  await get('/', { method: 'POST', body: 'x', headers: { 'content-type': 'text/own' } });
  const [, second] = await spans.waitForSpans(2);
  const parsing = ['parser data', 'parser end', 'preValidation', 'preHandler'];
  const failing = [...before, ...parsing, 'error handler', 'onError', ...after];
  expect(new Map(active)).toEqual(new Map(failing.map((place) => [place, second?.spanId])));
});

test('the span is active in onRequestAbort', async () => {
  const { app, spans, get } = await fastifyServer();
  const leave = new AbortController();
  let active: string | undefined;
  app.addHook('onRequestAbort', async (_request) => {
    active = trace.getActiveSpan()?.spanContext().spanId;
  });
  app.get('/', async (_request, reply) => {
    leave.abort();
    await once(reply.raw, 'close');
  });
  await expect(get('/', { signal: leave.signal })).rejects.toThrow('aborted');
  const [span] = await spans.waitForSpans(1);
  expect(active).toBe(span?.spanId);
});

test('the client’s address follows trustProxy', async () => {
  const { app, spans, get } = await fastifyServer({}, { trustProxy: true });
  app.get('/', async () => 'ok');
  await get('/', { headers: { 'x-forwarded-for': '203.0.113.9' } });
  const [span] = await spans.waitForSpans(1);
  expect(span?.attributes['client.address']).toBe('203.0.113.9');
  expect(span?.attributes['network.peer.address']).toBe('127.0.0.1');
});

test('rewriteUrl changes the routing and leaves the path of the span', async () => {
  const { app, spans, get } = await fastifyServer({}, { rewriteUrl: () => '/new/1' });
  app.get('/new/:x', async () => 'ok');
  await get('/old');
  const [span] = await spans.waitForSpans(1);
  expect([span?.name, span?.attributes['url.path']]).toEqual(['GET /new/:x', '/old']);
});

test('exclusion is by the original path, whatever rewriteUrl makes of it', async () => {
  const rewriteUrl = ({ url }: { url?: string | undefined }): string =>
    url === '/health' ? '/new/1' : '/health';
  const { app, spans, get } = await fastifyServer({}, { rewriteUrl });
  app.get('/new/:x', async () => 'ok');
  app.get('/health', async () => 'ok');
  expect([(await get('/health')).status, (await get('/old')).status]).toEqual([200, 200]);
  await spans.settled();
  expect(spans.spans.map(({ name, attributes }) => [name, attributes['url.path']])).toEqual([
    ['GET /health', '/old'],
  ]);
});

test('inside a SERVER span that another instrumentation has opened there is no second one (F4, Y7)', async () => {
  const other = trace.getTracer('other');
  const serverFactory: FastifyServerOptions['serverFactory'] = (handle) =>
    createServer((request, response) => {
      other.startActiveSpan('GET', { kind: SpanKind.SERVER }, (span) => {
        response.once('finish', () => span.end());
        handle(request, response);
      });
    });
  const { app, spans, get } = await fastifyServer({ layers: true }, { serverFactory });
  app.get('/users/:id', async function user() {
    return 'ok';
  });
  await get('/users/7');
  await spans.settled();
  expect(spans.spans.map((span) => [span.name, span.kind, span.scope.name])).toEqual([
    ['handler - user', SpanKind.INTERNAL, '@org/tracing-fastify'],
    ['GET /users/:id', SpanKind.SERVER, 'other'],
  ]);
});

test('in a handler the API’s own functions give what there is of the request’s trace, or nothing (F13)', async () => {
  const { app, spans, get } = await fastifyServer();
  const seen: unknown[] = [];
  const handle = async (request: FastifyRequest): Promise<unknown> => {
    const carrier: Record<string, string> = {};
    propagation.inject(context.active(), carrier);
    seen.push([trace.getActiveSpan() === serverSpanOf(request.raw), Object.keys(carrier)]);
    return trace.getActiveSpan()?.spanContext().spanId ?? 'none';
  };
  app.get('/users/:id', handle);
  app.get('/health', handle);
  app.get('/off', { config: { tracing: false } }, handle);
  const answers = [];
  for (const path of ['/users/7', '/health', '/off']) answers.push(await (await get(path)).text());
  const [span] = await spans.waitForSpans(1);
  expect(answers).toEqual([span?.spanId, 'none', 'none']);
  expect(seen).toEqual([
    [true, ['traceparent']],
    [true, []],
    [true, []],
  ]);
});

test('Fastify’s error codes are as before (F18)', async () => {
  const { app } = await fastifyServer({ layers: true });
  expect(() => app.addHook('onRequest', null as never)).toThrow(
    fastify.errorCodes.FST_ERR_HOOK_INVALID_HANDLER,
  );
});

test('registered twice, the plugin makes one span (X7)', async () => {
  const { app, spans, get } = await fastifyServer();
  await app.register(fastifyTracing);
  app.get('/', async (request) => serverSpanOf(request.raw)?.isRecording());
  expect(await (await get('/')).json()).toBe(true);
  await spans.settled();
  expect(spans.started).toBe(1);
});

test('Fastify 4 is traced the same (F1)', async () => {
  await using spans = collectSpans();
  const app = fastify4();
  onTestFinished(() => app.close());
  await app.register(fastifyTracing as never);
  app.get('/users/:id', async () => 'ok');
  await app.inject('/users/7');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET /users/:id']);
});
