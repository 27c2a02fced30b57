import Router from '@koa/router';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import { withSpan } from '@org/tracing-core';
import Koa, { type Middleware } from 'koa';
import { expect, test } from 'vitest';

import { koaServer } from './koa-server.ts';

/** The spans below the SERVER span, each with the name of its parent, parents before children. */
function layersOf(spans: readonly SpanRecord[]): [string, string][] {
  const below = (parent: SpanRecord): [string, string][] =>
    spans
      .filter((span) => span.parentSpanId === parent.spanId)
      .flatMap((span) => [[span.name, parent.name], ...below(span)]);
  return spans.filter((span) => span.kind === SpanKind.SERVER).flatMap(below);
}

const ok: Middleware = (context) => {
  context.body = 'ok';
};

test('without layers there is the SERVER span and nothing else', async () => {
  const { app, spans, get } = koaServer();
  app.use(async function outer(_context, next) {
    await next();
  });
  app.use(ok);
  await get('/');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET']);
});

test('with layers each middleware has a span, and a span made in it is its child (K6, K9)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  app.use(async function outer(_context, next) {
    await withSpan('own', async () => undefined);
    await next();
  });
  app.use(function inner(context) {
    context.body = 'ok';
  });
  expect(await (await get('/')).text()).toBe('ok');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([
    ['middleware - outer', 'GET'],
    ['own', 'middleware - outer'],
    ['middleware - inner', 'middleware - outer'],
  ]);
  const layer = spans.spans.find((span) => span.name === 'middleware - inner');
  expect(layer?.kind).toBe(SpanKind.INTERNAL);
  expect(layer?.attributes).toEqual({ 'koa.type': 'middleware', 'koa.name': 'inner' });
});

test('a middleware without a name is called anonymous (K7)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  app.use(
    (
      () =>
      (context): void => {
        context.body = 'ok';
      }
    )() as Middleware,
  );
  await get('/');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([['middleware - anonymous', 'GET']]);
});

test('a router’s handlers have spans with their route, named routes by their name (K3, K16)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const router = new Router().get('/post/:id', ok).get('named', '/named', ok);
  app.use(router.routes());
  await get('/post/7');
  await get('/named');
  await spans.settled();
  const layers = spans.spans.filter((span) => span.kind === SpanKind.INTERNAL);
  expect(layers.map((span) => span.name)).toEqual(['router - /post/:id', 'named']);
  expect(layers[0]?.attributes).toEqual({
    'koa.type': 'router',
    'koa.name': '/post/:id',
    'http.route': '/post/:id',
  });
});

test('routes added after app.use(router.routes()) are layers too', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const router = new Router();
  app.use(router.routes());
  router.get('/late', ok);
  await get('/late');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([['router - /late', 'GET /late']]);
});

test('one function on two routes is told apart', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const router = new Router().get('/a', ok).get('/b', ok);
  app.use(router.routes());
  await get('/a');
  await get('/b');
  await get('/b');
  await spans.settled();
  expect(layersOf(spans.spans).map(([name]) => name)).toEqual(['router - /a', 'router - /b', 'router - /b']);
});

test('a middleware of two applications is instrumented once (K11)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const other = new Koa();
  other.use(ok);
  app.use(other.middleware[0] as Middleware);
  await get('/');
  await spans.settled();
  expect(layersOf(spans.spans)).toHaveLength(1);
});

test('a layer that throws is marked, its exception told once, and Koa answers as ever (K12)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  app.use(async function outer(_context, next) {
    await next();
  });
  app.use(function broken() {
    throw new Error('broken layer');
  });
  const response = await get('/');
  expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
  await spans.settled();
  const told = spans.spans.map((span) => [span.name, span.status.code, span.events.length]);
  expect(told).toEqual([
    ['middleware - broken', SpanStatusCode.ERROR, 1],
    ['middleware - outer', SpanStatusCode.ERROR, 0],
    ['GET', SpanStatusCode.ERROR, 1],
  ]);
});

test('a middleware that never settles ends its span when the client leaves', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const leave = new AbortController();
  app.use(async function waits() {
    leave.abort();
    await new Promise(() => undefined);
  });
  await expect(get('/', { signal: leave.signal })).rejects.toThrow('aborted');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([['middleware - waits', 'GET']]);
});

test('an excluded request has no layer spans (K8, X4)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  app.use(ok);
  expect(await (await get('/health')).text()).toBe('ok');
  expect(spans.started).toBe(0);
});

test('an application without the middleware has no layer spans beside one that has', async () => {
  const { spans, get } = koaServer({ layers: true });
  const other = new Koa();
  other.use(ok);
  const handle = other.callback();
  expect(handle).toBeTypeOf('function');
  await get('/');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([]);
});

test('layers that is neither true nor false is refused', () => {
  expect(() => koaServer({ layers: 'yes' as unknown as boolean })).toThrow(
    new TypeError("layers: expected true, false, or an object with ignore and hook; got 'yes' (string)"),
  );
});
