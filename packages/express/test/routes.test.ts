import { once } from 'node:events';

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
  });
}
