import { once } from 'node:events';

import Router from '@koa/router';
import { diag, DiagLogLevel, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { LayerOptions, SpanRecord } from '@org/tracing-core';
import { withSpan } from '@org/tracing-core';
import Koa, { type Middleware } from 'koa';
import mount from 'koa-mount';
import request from 'supertest';
import { describe, expect, onTestFinished, test } from 'vitest';

import { koaTracing } from '../src/index.ts';
import { freshKoa, koaServer, koaVersions } from './koa-server.ts';

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

test('a router’s handlers have spans with their route, named routes by their name (K3)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const pass: Middleware = (_context, next) => next();
  const router = new Router().get('/post/:id', ok).get('named', '/named', pass).get('/:last', ok);
  app.use(router.routes());
  await get('/post/7');
  await get('/named');
  await spans.settled();
  const layers = spans.spans.filter((span) => span.kind === SpanKind.INTERNAL);
  expect(layers.map((span) => span.name)).toEqual(['router - /post/:id', 'router - /:last', 'named']);
  expect(layers[0]?.attributes).toEqual({
    'koa.type': 'router',
    'koa.name': '/post/:id',
    'http.route': '/post/:id',
  });
});

test('a caller’s span, the SERVER span, a middleware and a route are one below the other (K16)', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  app.use(async function simple(_context, next) {
    await next();
  });
  app.use(new Router().get('/post/:id', ok).routes());
  await get('/post/0', {
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  });
  await spans.settled();
  const server = spans.spans.find((span) => span.kind === SpanKind.SERVER);
  expect([server?.name, server?.parentSpanId]).toEqual(['GET /post/:id', 'b7ad6b7169203331']);
  expect(layersOf(spans.spans)).toEqual([
    ['middleware - simple', 'GET /post/:id'],
    ['router - /post/:id', 'middleware - simple'],
  ]);
});

test('a router’s middleware is a middleware; its routes have the prefixes of nested routers and mounts', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const posts = new Router().get('/:id', ok);
  const api = new Router().use(async function auth(_context, next) {
    await next();
  });
  api.use('/posts', posts.routes()).use('/drafts/:year', posts.routes());
  app.use(mount('/api', api.routes()));
  await get('/api/posts/7');
  await get('/api/drafts/1999/7');
  await spans.settled();
  const router = spans.spans.filter((span) => span.attributes['koa.type'] === 'router');
  expect(router.map(({ name, attributes }) => [name, attributes['http.route']])).toEqual(
    ['/api/posts/:id', '/api/drafts/:year/:id'].map((route) => [`router - ${route}`, route]),
  );
  const auth = spans.spans.filter((span) => span.name === 'middleware - auth');
  expect(auth.map(({ attributes }) => attributes)).toEqual(
    Array.from({ length: 2 }, () => ({ 'koa.type': 'middleware', 'koa.name': 'auth' })),
  );
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

test('one function on two routes is told apart (K11)', async () => {
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

test('a middleware that begins when the client has left has no span, since nothing would end it', async () => {
  const { app, spans, get } = koaServer({ layers: true });
  const leave = new AbortController();
  app.use(async function waits(context, next) {
    leave.abort();
    await once(context.res, 'close');
    await next();
  });
  const begun = new Promise<void>((resolve) => {
    app.use(async function late() {
      resolve();
      await new Promise(() => undefined);
    });
  });
  await expect(get('/', { signal: leave.signal })).rejects.toThrow('aborted');
  await begun;
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

describe.each(Object.entries(koaVersions))('layers of koa %s', (_version, koa) => {
  test('each middleware has a span', async () => {
    const { app, spans, get } = koaServer({ koa, layers: true });
    app.use(async function outer(_context, next) {
      await next();
    });
    app.use(new Router().get('/post/:id', ok).routes());
    await get('/post/7');
    await spans.settled();
    expect(layersOf(spans.spans)).toEqual([
      ['middleware - outer', 'GET /post/:id'],
      ['router - /post/:id', 'middleware - outer'],
    ]);
  });
});

test('generator middleware is left to Koa 2, which runs it (K10)', async () => {
  const { app, spans, get } = koaServer({ koa: koaVersions['2'] as typeof Koa, layers: true });
  function* old(this: Koa.Context, next: unknown): Generator {
    yield next;
    this.body = `${String(this.body)} and more`;
  }
  app.use(old as unknown as Middleware).use(ok);
  expect(await (await get('/')).text()).toBe('ok and more');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([['middleware - ok', 'GET']]);
});

test('an application of another copy of Koa has no layers, and one warning says so', async () => {
  const warnings: string[] = [];
  const note = (message: string): unknown => warnings.push(message);
  const { spans } = koaServer({ layers: true });
  const other = new (freshKoa())();
  other.use(koaTracing({ layers: true })).use(ok);
  diag.setLogger({ verbose: note, debug: note, info: note, warn: note, error: note }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  for (let times = 0; times < 2; times++) await request(other.callback()).get('/').expect(200);
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual(['GET', 'GET']);
  expect(warnings).toEqual([
    'koa: the application is of another copy of Koa than was given or found; it has no layer spans',
  ]);
});

test.each<[string, LayerOptions['ignore'], string[]]>([
  ['a type', 'middleware', ['router - /post/:id']],
  ['another type', ['router'], ['middleware - auth', 'middleware - load']],
  ['a name', /^auth$/, ['middleware - load', 'router - /post/:id']],
  ['what a function says', ({ path }) => path === undefined, ['router - /post/:id']],
  ['nothing', [], ['middleware - auth', 'middleware - load', 'router - /post/:id']],
])('layers that are ignored have no spans, and the route stays: %s (K17)', async (_what, ignore, names) => {
  const { app, spans, get } = koaServer({ layers: { ignore: ignore as [] } });
  app.use(async function auth(_context, next) {
    await next();
  });
  app.use(async function load(_context, next) {
    await next();
  });
  app.use(new Router().get('/post/:id', ok).routes());
  await get('/post/7');
  await spans.settled();
  expect(layersOf(spans.spans).map(([name]) => name)).toEqual(names);
  expect(spans.spans.at(-1)?.name).toBe('GET /post/:id');
});

test('layers.hook is called once a layer, may change its span, and may throw (K13, K14)', async () => {
  const told: unknown[] = [];
  const { app, spans, get } = koaServer({
    layers: {
      hook(span, layer, context) {
        told.push([layer, context.path]);
        span.setAttribute('tenant', 'acme').updateName(`step ${layer.name}`);
        throw new Error('of the hook');
      },
    },
  });
  app.use(async function auth(_context, next) {
    await next();
  });
  app.use(new Router().get('/post/:id', ok).routes());
  expect(await (await get('/post/7')).text()).toBe('ok');
  await spans.settled();
  expect(told).toEqual([
    [{ type: 'middleware', name: 'auth' }, '/post/7'],
    [{ type: 'router', name: '/post/:id', path: '/post/:id' }, '/post/7'],
  ]);
  expect(spans.spans.map((span) => [span.name, span.attributes['tenant']])).toEqual([
    ['step /post/:id', 'acme'],
    ['step auth', 'acme'],
    ['GET /post/:id', undefined],
  ]);
});

test('layers that is neither true nor false is refused', () => {
  expect(() => koaServer({ layers: 'yes' as unknown as boolean })).toThrow(
    new TypeError("layers: expected true, false, or an object with ignore and hook; got 'yes' (string)"),
  );
});

test('koa that is no class of Koa is refused', () => {
  expect(() => koaTracing({ koa: 'koa' as unknown as typeof Koa })).toThrow(
    new TypeError('koa: expected the class Koa; got koa (string)'),
  );
});
