import { createRequire } from 'node:module';

import { bodyParser } from '@koa/bodyparser';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import Koa2 from 'koa2';
import request from 'supertest';
import { expect, test } from 'vitest';

import { koaTracing } from '../src/index.ts';
import { koaServer } from './koa-server.ts';

test('the middleware can be required from CommonJS, initTracing with it', () => {
  const required = createRequire(import.meta.url)('@org/tracing-koa') as Record<string, unknown>;
  expect(required['koaTracing']).toBeTypeOf('function');
  expect(required['initTracing']).toBeTypeOf('function');
});

test('supertest works and traces', async () => {
  const { app, spans } = koaServer();
  app.use((context) => {
    context.body = { active: trace.getActiveSpan() !== undefined };
  });
  const response = await request(app.callback()).get('/x').expect(200);
  expect(response.body).toEqual({ active: true });
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET']);
});

test('the span is active after the body has been parsed', async () => {
  const { app, spans, get } = koaServer();
  app.use(bodyParser());
  app.use((context) => {
    context.body = { span: trace.getActiveSpan()?.spanContext().spanId, body: context.request.body };
  });
  const response = await get('/', {
    method: 'POST',
    body: JSON.stringify({ a: 1 }),
    headers: { 'content-type': 'application/json' },
  });
  const [span] = await spans.waitForSpans(1);
  expect(await response.json()).toEqual({ span: span?.spanId, body: { a: 1 } });
});

test('an error reaches Koa’s error event as the same object and is recorded once', async () => {
  const { app, spans, get } = koaServer();
  const thrown = new Error('broken');
  const seen: unknown[] = [];
  app.on('error', (error) => seen.push(error));
  app.use(async () => {
    await Promise.resolve();
    throw thrown;
  });
  expect((await get('/')).status).toBe(500);
  expect(seen).toEqual([thrown]);
  const [span] = await spans.waitForSpans(1);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
  expect(span?.events).toHaveLength(1);
});

test('an error that a middleware answers, and tells the application of, is recorded once', async () => {
  const { app, spans, get } = koaServer();
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.status = 502;
      context.app.emit('error', error, context);
    }
  });
  app.use(() => {
    throw new Error('broken');
  });
  expect((await get('/')).status).toBe(502);
  const [span] = await spans.waitForSpans(1);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
  expect(span?.events).toHaveLength(1);
});

test('an error event without a request, and Koa’s own reporting of errors, stay as they are', async () => {
  const { app, spans, get } = koaServer();
  const seen: unknown[] = [];
  app.on('error', (error) => seen.push(error));
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/');
  const loose = new Error('of no request');
  app.emit('error', loose);
  expect(seen).toEqual([loose]);
  const [span] = await spans.waitForSpans(1);
  expect(span?.events).toEqual([]);
});

test('ctx.throw of a 4xx leaves the span unset', async () => {
  const { app, spans, get } = koaServer();
  app.use((context) => context.throw(403, 'not you'));
  expect((await get('/')).status).toBe(403);
  const [span] = await spans.waitForSpans(1);
  expect([span?.status.code, span?.events.length, span?.attributes['error.type']]).toEqual([
    SpanStatusCode.UNSET,
    0,
    undefined,
  ]);
});

test('the client’s address follows the application’s proxy setting', async () => {
  const { app, spans, get } = koaServer();
  app.proxy = true;
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/', { headers: { 'x-forwarded-for': '203.0.113.9' } });
  const [span] = await spans.waitForSpans(1);
  expect(span?.attributes['client.address']).toBe('203.0.113.9');
});

test('used twice, the middleware makes one span (X7)', async () => {
  const { app, spans, get } = koaServer();
  app.use(koaTracing());
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/');
  await spans.settled();
  expect(spans.started).toBe(1);
});

test('Koa 2 is traced the same', async () => {
  await using spans = collectSpans();
  const app = new Koa2();
  app.use(koaTracing());
  app.use((context) => {
    context.body = 'ok';
  });
  await request(app.callback()).get('/x').expect(200, 'ok');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET']);
});
