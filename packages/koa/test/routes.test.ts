import Router from '@koa/router';
import { collectSpans } from '@org/tracing-testing';
import { randomPaths } from '@org/tracing-testing/contract';
import Koa from 'koa';
import mount from 'koa-mount';
import KoaRouter from 'koa-router';
import Router12 from 'koa-router12';
import request from 'supertest';
import { describe, expect, onTestFinished, test } from 'vitest';

import { koaTracing } from '../src/index.ts';
import { freshKoa, koaServer, koaVersions } from './koa-server.ts';
import { ok, routeCases } from './route-cases.ts';

/** Versions of Koa, each with routers of several makes. */
const stacks: readonly (readonly [name: string, koa: typeof Koa, router: () => Router])[] = [
  ['koa 3 and @koa/router 15', Koa, () => new Router()],
  ['koa 3 and koa-router 14', Koa, () => new KoaRouter()],
  ['koa 2 and @koa/router 15', koaVersions['2'] ?? Koa, () => new Router()],
  ['koa 2 and @koa/router 12', koaVersions['2'] ?? Koa, () => new Router12()],
];

describe.each(stacks)('the route in %s', (_stack, koa, router) => {
  for (const { sentence, build, routes } of routeCases) {
    test(sentence, async () => {
      const { app, spans, get } = koaServer({ koa });
      build(app, router);
      const seen: Record<string, unknown> = {};
      for (const [index, each] of Object.keys(routes).entries()) {
        const [method, path] = each.startsWith('/') ? ['GET', each] : (each.split(' ') as [string, string]);
        await get(path, { method });
        const span = (await spans.waitForSpans(index + 1))[index];
        seen[each] = span?.attributes['http.route'];
        expect(span?.name).toBe(seen[each] === undefined ? method : `${method} ${String(seen[each])}`);
      }
      expect(seen).toEqual(routes);
    });
  }

  test('whatever is asked for, no raw path is in a name or a route (X1)', async () => {
    const { app, spans, get } = koaServer({ koa });
    const api = router()
      .get('/', ok)
      .get('/users/:id', ok)
      .get(/^\/files\/.+$/, ok);
    const nested = router().use('/:kind/near', router().get('/:place', ok).routes());
    app.use(mount('/api', api.routes())).use(mount('/api', mount('/v1', nested.routes())));
    app.use(router().prefix('/users').get('/:id/posts/:post', ok).routes());
    const templates = [
      '/api',
      '/api/users/:id',
      '/api/files/*',
      '/api/v1/:kind/near/:place',
      '/users/:id/posts/:post',
    ];
    const { paths, holdsRaw } = randomPaths(templates);
    for (const path of paths) await (await get(path)).text();
    const told = (await spans.waitForSpans(paths.length)).map(({ name, attributes }) => [
      name,
      attributes['http.route'],
    ]);
    expect(told.filter((each) => holdsRaw(each.join(' ')))).toEqual([]);
    expect(new Set(told.map(([, route]) => route))).toEqual(
      new Set([undefined, ...templates.with(2, String.raw`/api/^\/files\/.+$/`)]),
    );
  });
});

describe.each(['koa', 'koa2'] as const)('the middleware in a mounted application of %s', (copy) => {
  /** Names of the spans of two requests to an application that is mounted in others. */
  async function namesOf(koa: typeof Koa, ...mounts: string[]): Promise<string[]> {
    const spans = collectSpans();
    onTestFinished(() => spans.close());
    const inner = new koa();
    inner.use(koaTracing({ koa })).use(new Router().get('/post/:id', ok).routes());
    let app = inner;
    for (const prefix of mounts.toReversed()) app = new koa().use(mount(prefix, app));
    for (const id of [7, 8])
      await request(app.callback())
        .get(`${mounts.join('')}/post/${id}`)
        .expect(200);
    await spans.settled();
    return spans.spans.map(({ name }) => name);
  }

  test('knows the mount, from the first request on (X1)', async () => {
    expect(await namesOf(freshKoa(copy), '/api')).toEqual(['GET /api/post/:id', 'GET /api/post/:id']);
  });

  test('knows every mount, from the first request on (X1)', async () => {
    expect(await namesOf(freshKoa(copy), '/api', '/v1')).toEqual([
      'GET /api/v1/post/:id',
      'GET /api/v1/post/:id',
    ]);
  });
});

test('of a Koa that nobody has met, the first request below two mounts has no route, and no wrong one', async () => {
  await using spans = collectSpans();
  const OtherKoa = freshKoa();
  const inner = new OtherKoa();
  inner.use(koaTracing()).use(new Router().get('/post/:id', ok).routes());
  const app = new OtherKoa().use(mount('/api', new OtherKoa().use(mount('/v1', inner))));
  for (const path of ['/api/v1/post/7', '/api/v1/post/8'])
    await request(app.callback()).get(path).expect(200);
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual(['GET', 'GET /api/v1/post/:id']);
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

test.each(['before', 'after'])(
  'an app.context.mountPath that was set %s koaTracing is what contexts have, but for mounts',
  async (moment) => {
    await using spans = collectSpans();
    const koa = freshKoa();
    const app = new koa();
    const set = (): unknown => Object.assign(app.context, { mountPath: '/assets' });
    if (moment === 'before') set();
    app.use(koaTracing({ koa }));
    if (moment === 'after') set();
    const tell = (context: Koa.Context): void => {
      context.body = String((context as { mountPath?: string }).mountPath);
    };
    app.use(mount('/api', new Router().get('/:id', tell).routes())).use(tell);
    const bodies = [];
    for (const path of ['/x', '/api/7', '/x']) bodies.push((await request(app.callback()).get(path)).text);
    expect(bodies).toEqual(['/assets', '/api', '/assets']);
    await spans.settled();
    expect(spans.spans.map(({ name }) => name)).toEqual(['GET', 'GET /api/:id', 'GET']);
  },
);

test('ctx.mountPath is what koa-mount has set', async () => {
  const { app, get } = koaServer();
  app.use(
    mount('/api', (context) => {
      context.body = String((context as { mountPath?: string }).mountPath);
    }),
  );
  expect(await (await get('/api/x')).text()).toBe('/api');
});
