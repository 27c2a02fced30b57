import { collectSpans } from '@org/tracing-testing';
import { type Context, Hono } from 'hono';
import { describe, expect, test } from 'vitest';

import { type NodeHono, start } from './hono-server.ts';

const ok = (c: Context): Response => c.text('ok');
const refuse = async (c: Context, _next: () => Promise<void>): Promise<Response> => c.text('no', 401);
const passOn = async (_c: Context, next: () => Promise<void>): Promise<void> => next();

interface RouteCase {
  readonly sentence: string;
  readonly build: (app: NodeHono) => unknown;
  /** Requests, by `METHOD path` or a path alone, and the route that their spans have. */
  readonly routes: Readonly<Record<string, string | undefined>>;
}

const cases: readonly RouteCase[] = [
  {
    sentence: 'has the prefixes of mounts, mounts in mounts, and base paths',
    build(app) {
      const inner = new Hono().get('/posts/:post', ok).get('/', ok);
      const outer = new Hono().route('/users/:id', inner).get('/users', ok);
      app.route('/api', outer).route('/v2', new Hono().basePath('/deep').get('/:x', ok));
    },
    routes: {
      '/api/users/7/posts/8': '/api/users/:id/posts/:post',
      '/api/users/7': '/api/users/:id',
      '/api/users': '/api/users',
      '/v2/deep/9': '/v2/deep/:x',
      '/api/nowhere': undefined,
    },
  },
  {
    sentence: 'is that of the handler which answers, where several match',
    build: (app) => app.get('/users/me', ok).get('/users/:id', ok).get('/:kind/:id', ok),
    routes: { '/users/me': '/users/me', '/users/7': '/users/:id', '/things/7': '/:kind/:id' },
  },
  {
    sentence: 'is that of the next handler, where the first passes the request on',
    build: (app) => app.get('/users/me', passOn).get('/users/:id', ok),
    routes: { '/users/me': '/users/:id' },
  },
  {
    sentence: 'is none of a middleware’s, and one that refuses a request does so for its route',
    build(app) {
      app.use('*', passOn).use('/closed/*', refuse);
      app.get('/open', ok).get('/closed/:room', ok).get('/door', refuse);
    },
    routes: {
      '/open': '/open',
      '/door': '/door',
      '/closed/1': '/closed/:room',
      '/closed/to/all': undefined,
      '/nowhere': undefined,
    },
  },
  {
    sentence: 'may be for all methods, with a wildcard, an optional part or an expression',
    build: (app) =>
      app.all('/any/:id', ok).get('/files/*', ok).get('/animals/:name?', ok).get('/posts/:id{[0-9]+}', ok),
    routes: {
      'DELETE /any/7': '/any/:id',
      '/files/a/b': '/files/*',
      '/animals': '/animals/:name?',
      '/animals/cat': '/animals/:name?',
      '/posts/7': '/posts/:id{[0-9]+}',
      '/posts/x': undefined,
    },
  },
  {
    sentence: 'is there in a mounted application that has an error handler of its own',
    build: (app) => app.route('/api', new Hono().onError((_error, c) => ok(c)).all('/any/:id', ok)),
    routes: { '/api/any/7': '/api/any/:id' },
  },
  {
    sentence: 'is none where another framework is mounted',
    build: (app) => app.mount('/legacy', () => new Response('ok')),
    routes: { '/legacy/users/7': undefined },
  },
];

describe('the route', () => {
  for (const { sentence, build, routes } of cases) {
    test(sentence, async () => {
      await using spans = collectSpans();
      const url = await start(build);
      const seen: Record<string, unknown> = {};
      for (const [index, each] of Object.keys(routes).entries()) {
        const [method, path] = each.startsWith('/') ? ['GET', each] : (each.split(' ') as [string, string]);
        await (await fetch(`${url}${path}`, { method })).text();
        const span = (await spans.waitForSpans(index + 1))[index];
        seen[each] = span?.attributes['http.route'];
        expect(span?.name).toBe(seen[each] === undefined ? method : `${method} ${String(seen[each])}`);
      }
      expect(seen).toEqual(routes);
    });
  }
});
