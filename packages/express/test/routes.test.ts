import { once } from 'node:events';

import { SpanKind } from '@opentelemetry/api';
import { randomPaths } from '@org/tracing-testing/contract';
import { describe, expect, test } from 'vitest';

import { expressServer } from './express-server.ts';
import { versions } from './express-versions.ts';
import { ok, pass, routeCases, routesSeen } from './route-cases.ts';

for (const { version, express } of versions) {
  describe(`the route in express ${version}`, () => {
    for (const each of routeCases(version)) {
      test(each.sentence, async () => {
        const server = expressServer(express, { express });
        each.build(server.app, express);
        expect(await routesSeen(server, each)).toEqual(each.routes);
      });
    }

    test('is the same with layers that are all ignored (E18)', async () => {
      for (const each of routeCases(version)) {
        const server = expressServer(express, { express, layers: { ignore: () => true } });
        each.build(server.app, express);
        expect(await routesSeen(server, each), each.sentence).toEqual(each.routes);
        await server.spans.close();
      }
    });

    test('an automatic answer to OPTIONS has none', async () => {
      const { app, spanOf } = expressServer(express, { express });
      app.use('/users', pass);
      app.use('/users', express.Router().get('/:id', ok));
      const span = await spanOf('/users/7', { method: 'OPTIONS' });
      expect([span.name, span.attributes['http.response.status_code']]).toEqual(['OPTIONS', 200]);
    });

    test('where the client leaves, that of the handler it was in (E12)', async () => {
      const { app, spans, get } = expressServer(express, { express });
      const leave = new AbortController();
      app.use(
        '/slow/:tenant',
        express.Router().get('/:id', (_request, response) => {
          leave.abort();
          void once(response, 'close').then(() => response.end());
        }),
      );
      await expect(get('/slow/acme/7', { signal: leave.signal })).rejects.toThrow('aborted');
      const [span] = await spans.waitForSpans(1);
      expect(span?.name).toBe('GET /slow/:tenant/:id');
    });

    test('requests at the same time do not mix up their routes', async () => {
      const { app, spans, get } = expressServer(express, { express });
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      const router = express.Router().get('/:id', async (_request, response) => {
        await released;
        response.send('late');
      });
      app.use('/slow/:tenant', router);
      app.use('/fast/:tenant', router);
      app.get('/now/:id', (_request, response) => {
        response.send('ok');
        release();
      });
      await Promise.all(['/slow/a/1', '/fast/b/2', '/now/3'].map((path) => get(path)));
      const all = await spans.waitForSpans(3);
      const routes = all.map(({ attributes }) => [attributes['url.path'], attributes['http.route']]);
      expect(Object.fromEntries(routes)).toEqual({
        '/slow/a/1': '/slow/:tenant/:id',
        '/fast/b/2': '/fast/:tenant/:id',
        '/now/3': '/now/:id',
      });
    });

    test('whatever is asked for, no raw path is in a name or a route (E13, E17)', async () => {
      const { app, spans, get } = expressServer(express, { express, layers: true });
      const api = express
        .Router()
        .get('/', ok)
        .get('/users/:id', ok)
        .get(/^\/files\/.+$/, ok);
      api.use('/:kind/near', express.Router().get('/:place', ok), pass);
      app.use(['/api', '/v1'], pass, api).get('/users/:id/posts/:post', pass, ok);
      app.use('/sub/:tenant', express().get('/', ok));
      const templates = [
        '/api',
        '/v1/users/:id',
        '/api/files/*',
        '/api/:kind/near/:place',
        '/users/:id/posts/:post',
        '/sub/:tenant',
      ];
      const { paths, holdsRaw } = randomPaths(templates);
      for (const path of paths) await (await get(path)).text();
      await spans.settled();
      const told = spans.spans.map(({ name, attributes }) => `${name} ${String(attributes['http.route'])}`);
      expect(told.filter(holdsRaw)).toEqual([]);
      const server = spans.spans.filter(({ kind }) => kind === SpanKind.SERVER);
      expect(new Set(server.map(({ attributes }) => attributes['http.route']))).toEqual(
        new Set([
          undefined,
          '/api,/v1',
          '/api,/v1/users/:id',
          String.raw`/api,/v1/^\/files\/.+$/`,
          '/api,/v1/:kind/near/:place',
          '/users/:id/posts/:post',
          '/sub/:tenant',
        ]),
      );
    });
  });
}
