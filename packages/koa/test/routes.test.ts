import Router from '@koa/router';
import { collectSpans } from '@org/tracing-testing';
import Koa, { type Middleware } from 'koa';
import compose from 'koa-compose';
import mount from 'koa-mount';
import request from 'supertest';
import { expect, test } from 'vitest';

import { koaTracing } from '../src/index.ts';
import { koaServer } from './koa-server.ts';

const ok: Middleware = (context) => {
  context.body = 'ok';
};

/** Name and route of the one span that a request makes. */
async function routeOf(
  use: (app: ReturnType<typeof koaServer>['app']) => void,
  path: string,
  method = 'GET',
) {
  const { app, spans, get } = koaServer();
  use(app);
  await get(path, { method });
  const [span] = await spans.waitForSpans(1);
  return [span?.name, span?.attributes['http.route']];
}

test('a string route is the span’s name and http.route (K1)', async () => {
  const router = new Router().get('/post/:id', ok);
  expect(await routeOf((app) => app.use(router.routes()), '/post/7')).toEqual(['GET /post/:id', '/post/:id']);
});

test('a RegExp route is named by the expression (K2)', async () => {
  const router = new Router().get(/^\/p(ost)?\/\d+$/, ok);
  expect(await routeOf((app) => app.use(router.routes()), '/post/7')).toEqual([
    'GET /^\\/p(ost)?\\/\\d+$/',
    '/^\\/p(ost)?\\/\\d+$/',
  ]);
});

test('a named route keeps its path as http.route (K3)', async () => {
  const router = new Router().get('post', '/post/:id', ok);
  expect(await routeOf((app) => app.use(router.routes()), '/post/7')).toEqual(['GET /post/:id', '/post/:id']);
});

test('nested routers give prefix and path (K4)', async () => {
  const inner = new Router().get('/post/:id', ok);
  const outer = new Router().use('/:first', inner.routes());
  expect((await routeOf((app) => app.use(outer.routes()), '/a/post/7'))[1]).toBe('/:first/post/:id');
});

test('router.prefix gives prefix and path (K5)', async () => {
  const router = new Router().get('/post/:id', ok).prefix('/:first');
  expect((await routeOf((app) => app.use(router.routes()), '/a/post/7'))[1]).toBe('/:first/post/:id');
});

test('a composed router gives its route (X1)', async () => {
  const router = new Router().get('/post/:id', ok);
  const composed = compose([router.routes(), router.allowedMethods()]);
  expect((await routeOf((app) => app.use(composed), '/post/7'))[1]).toBe('/post/:id');
});

test('a mounted router gives the mount and its route (X1)', async () => {
  const router = new Router().get('/post/:id', ok).get('/', ok);
  const use = (app: Parameters<Parameters<typeof routeOf>[0]>[0]) => app.use(mount('/api', router.routes()));
  expect((await routeOf(use, '/api/post/7?x=1'))[1]).toBe('/api/post/:id');
});

test('the root of a mounted router is the mount itself (X1)', async () => {
  const router = new Router().get('/', ok);
  expect((await routeOf((app) => app.use(mount('/api', router.routes())), '/api'))[1]).toBe('/api');
});

test('mounts inside mounts give the whole prefix, and a mount that was passed by adds nothing (X1)', async () => {
  const passed = new Router().get('/other', ok);
  const router = new Router().get('/post/:id', ok);
  const api = compose([mount('/v1', passed.routes()), mount('/v1', router.routes())]);
  expect((await routeOf((app) => app.use(mount('/api', api)), '/api/v1/post/7'))[1]).toBe('/api/v1/post/:id');
});

test('the middleware in a mounted application knows the mount, from the first request on (X1)', async () => {
  await using spans = collectSpans();
  const app = new Koa();
  const inner = new Koa();
  inner.use(koaTracing());
  inner.use(new Router().get('/post/:id', ok).routes());
  app.use(mount('/api', inner));
  for (const path of ['/api/post/7', '/api/post/8']) await request(app.callback()).get(path).expect(200);
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual(['GET /api/post/:id', 'GET /api/post/:id']);
});

test('a path that a middleware of the user’s has rewritten puts no raw prefix into the route', async () => {
  const router = new Router().get('/post/:id', ok);
  const tenant: Middleware = (context, next) => {
    context.path = context.path.replace(/^\/tenant-\d+/, '');
    return next();
  };
  expect(
    (
      await routeOf((app) => {
        app.use(tenant);
        app.use(router.routes());
      }, '/tenant-17/post/7')
    )[1],
  ).toBe('/post/:id');
});

test('a router’s middleware that answers by itself does not hide the route', async () => {
  const router = new Router()
    .use((context) => {
      context.status = 401;
    })
    .get('/post/:id', ok);
  expect((await routeOf((app) => app.use(router.routes()), '/post/7'))[1]).toBe('/post/:id');
});

test('of several routes that match, the one that ran last counts', async () => {
  const router = new Router().get('/post/:id', ok).get('/post/special', ok);
  expect((await routeOf((app) => app.use(router.routes()), '/post/special'))[1]).toBe('/post/:id');
});

test('no route, no http.route, and the method alone as name', async () => {
  const router = new Router().get('/post/:id', ok);
  expect(await routeOf((app) => app.use(router.routes()), '/nothing')).toEqual(['GET', undefined]);
});

test('a path with another method has no route', async () => {
  const router = new Router().get('/post/:id', ok);
  const use = (app: Parameters<Parameters<typeof routeOf>[0]>[0]) =>
    app.use(router.routes()).use(router.allowedMethods());
  expect(await routeOf(use, '/post/7', 'DELETE')).toEqual(['DELETE', undefined]);
});

test('a ctx.mountPath that the application sets to anything else is left to it', async () => {
  const { app, get } = koaServer();
  app.use((context) => {
    const place = Object.assign(context, { mountPath: null });
    context.body = String(place.mountPath);
  });
  const response = await get('/');
  expect([response.status, await response.text()]).toEqual([200, 'null']);
});

test('ctx.mountPath is what koa-mount has set', async () => {
  const { app, get } = koaServer();
  app.use(
    mount('/api', (context) => {
      context.body = String((context as { mountPath?: string }).mountPath);
    }),
  );
  expect(await (await get('/api/x')).text()).toBe('/api');
});
