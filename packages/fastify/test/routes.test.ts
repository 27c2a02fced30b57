import { SpanStatusCode } from '@opentelemetry/api';
import { randomPaths } from '@org/tracing-testing/contract';
import type { FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';

import { fastifyServer, fastifyVersions } from './fastify-server.ts';

/** Name and route of the spans of requests that are sent one after the other. */
async function routesOf(
  build: (app: FastifyInstance) => unknown,
  ...requests: [path: string, init?: RequestInit][]
): Promise<unknown[]> {
  const { app, spans, get } = await fastifyServer();
  await build(app);
  for (const request of requests) await (await get(...request)).text();
  const ended = await spans.waitForSpans(requests.length);
  return ended.map(({ name, attributes }) => [
    name,
    attributes['http.route'],
    attributes['http.response.status_code'],
  ]);
}

test('a route has its prefixes in name and http.route (F6)', async () => {
  const { app, spans, get } = await fastifyServer();
  await app.register(
    async (api) => {
      await api.register(async (v1) => v1.get('/users/:id', async () => 'ok'), { prefix: '/v1' });
    },
    { prefix: '/api' },
  );
  await get('/api/v1/users/7');
  const [span] = await spans.waitForSpans(1);
  expect([span?.name, span?.attributes['http.route']]).toEqual([
    'GET /api/v1/users/:id',
    '/api/v1/users/:id',
  ]);
});

test('a custom not-found handler and its hooks run; there is no route (F9)', async () => {
  const { app, spans, get } = await fastifyServer();
  const ran: string[] = [];
  app.setNotFoundHandler(
    {
      preValidation: (_request, _reply, done) => {
        ran.push('preValidation');
        done();
      },
      preHandler: [async () => void ran.push('preHandler')],
    },
    async (_request, reply) => reply.code(404).send('nothing here'),
  );
  expect(await (await get('/nothing')).text()).toBe('nothing here');
  expect(ran).toEqual(['preValidation', 'preHandler']);
  const [span] = await spans.waitForSpans(1);
  expect([span?.name, span?.attributes['http.route'], span?.status.code]).toEqual([
    'GET',
    undefined,
    SpanStatusCode.UNSET,
  ]);
});

test('a route of a constraint, of host or of version, is the one that answered (F6)', async () => {
  const build = (app: FastifyInstance): void => {
    app.get('/users/:id', { constraints: { host: 'a.example' } }, async () => 'host');
    app.get('/users/:name', { constraints: { version: '2.0.0' } }, async () => 'version');
    app.get('/users/:any', async () => 'any');
  };
  const { app, spans } = await fastifyServer();
  build(app);
  for (const headers of [{ host: 'a.example' }, { 'accept-version': '2.x' }, {}]) {
    await app.inject({ url: '/users/7', headers });
  }
  await app.inject({ url: '/users/7', headers: { 'accept-version': '3.x' } });
  await spans.settled();
  expect(spans.spans.map(({ name }) => name)).toEqual([
    'GET /users/:id',
    'GET /users/:name',
    'GET /users/:any',
    'GET',
  ]);
});

test('wildcards, expressions, parts of segments and optional parameters are told as they are written (F6)', async () => {
  const build = (app: FastifyInstance): void => {
    app.get('/files/*', async () => 'ok');
    app.get('/images/:file(^\\d+).png', async () => 'ok');
    app.get('/near/:lat-:lng', async () => 'ok');
    app.get('/posts/:id?', async () => 'ok');
  };
  expect(await routesOf(build, ['/files/a/b'], ['/images/7.png'], ['/near/1-2'], ['/posts'])).toEqual(
    ['/files/*', '/images/:file(^\\d+).png', '/near/:lat-:lng', '/posts/:id?'].map((route) => [
      `GET ${route}`,
      route,
      200,
    ]),
  );
});

test('a method that a path does not have: no route, or that of the handler which says so', async () => {
  const build = (app: FastifyInstance): void => {
    app.get('/users/:id', async () => 'ok');
    app.get('/posts/:id', async () => 'ok');
    app.route({
      method: ['DELETE', 'PUT'],
      url: '/posts/:id',
      handler: async (_request, reply) => reply.code(405).header('allow', 'GET').send(),
    });
  };
  const gone: RequestInit = { method: 'DELETE' };
  expect(await routesOf(build, ['/users/7', gone], ['/posts/7', gone])).toEqual([
    ['DELETE', undefined, 404],
    ['DELETE /posts/:id', '/posts/:id', 405],
  ]);
});

test('a not-found handler of a prefix is no route, and answers 405 as it likes (F9)', async () => {
  const build = (app: FastifyInstance) =>
    app.register(
      async (api) => {
        api.get('/users/:id', async () => 'ok');
        api.setNotFoundHandler(async (request, reply) => {
          const allowed = api.hasRoute({ url: '/api/users/:id', method: 'GET' });
          return reply.code(allowed ? 405 : 404).send(request.is404);
        });
      },
      { prefix: '/api' },
    );
  expect(await routesOf(build, ['/api/users/7', { method: 'DELETE' }], ['/elsewhere'])).toEqual([
    ['DELETE', undefined, 405],
    ['GET', undefined, 404],
  ]);
});

test('a handler that calls the not-found handler leaves its route', async () => {
  const build = (app: FastifyInstance): unknown =>
    app.get('/users/:id', (_request, reply) => reply.callNotFound());
  expect(await routesOf(build, ['/users/7'])).toEqual([['GET', undefined, 404]]);
});

test('an error of a nested plugin that is a literal, no Error, is answered with its status (F11)', async () => {
  const { app, spans, get } = await fastifyServer();
  await app.register(
    async (outer) => {
      await outer.register(async (inner) => {
        inner.get('/:id', async () => {
          throw { statusCode: 503, message: 'no stock' };
        });
      });
    },
    { prefix: '/nested' },
  );
  expect((await get('/nested/7')).status).toBe(503);
  const [span] = await spans.waitForSpans(1);
  expect(span).toMatchObject({
    name: 'GET /nested/:id',
    status: { code: SpanStatusCode.ERROR, message: 'no stock' },
    attributes: { 'error.type': '503' },
  });
});

for (const [version, create] of Object.entries(fastifyVersions)) {
  test(`whatever is asked for, no raw path is in a name or a route of fastify ${version} (F6)`, async () => {
    const { app, spans, get } = await fastifyServer({}, {}, create);
    const answer = async (): Promise<string> => 'ok';
    const routes = [
      '/api',
      '/api/users/:id',
      '/api/files/*',
      '/api/:kind/near/:lat-:lng',
      '/users/:id/posts/:post',
    ];
    await app.register(
      async (api) => {
        for (const route of routes.slice(0, 4)) api.get(route.slice('/api'.length), answer);
      },
      { prefix: '/api' },
    );
    app.get(routes[4] as string, answer);
    const { paths, holdsRaw } = randomPaths(routes);
    for (const path of paths) await (await get(path)).text();
    const told = (await spans.waitForSpans(paths.length)).map(({ name, attributes }) => [
      name,
      attributes['http.route'],
    ]);
    expect(told.filter((each) => holdsRaw(each.join(' ')))).toEqual([]);
    expect(new Set(told.map(([, route]) => route))).toEqual(new Set([undefined, ...routes]));
  });
}
