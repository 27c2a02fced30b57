import { describe, expect, test } from 'vitest';

import { expressTracing } from '../src/index.ts';
import { plainServer } from './express-server.ts';
import { versions } from './express-versions.ts';
import { ok } from './route-cases.ts';

for (const { version, express } of versions) {
  describe(`the original path counts, for the span and for exclusion, in express ${version}`, () => {
    test('where the middleware is in a router and in a mounted application', async () => {
      const { app, spans, get } = plainServer(express);
      const tracing = expressTracing({ excludedUrls: '^/api/internal, ^/sub/internal, ^/users' });
      app.use('/api', express.Router().use(tracing, ok));
      app.use('/sub', express().use(tracing, ok));
      const paths = ['/api/internal/1', '/api/users/1', '/sub/internal/2', '/sub/users/2?full=1'];
      for (const path of paths) expect((await get(path)).status).toBe(200);
      await spans.settled();
      expect(spans.spans.map(({ attributes }) => attributes['url.path'])).toEqual([
        '/api/users/1',
        '/sub/users/2',
      ]);
    });

    test('where a middleware has rewritten the URL before', async () => {
      const { app, spans, get } = plainServer(express);
      app.use((request, _response, next) => {
        request.url = request.url === '/old' ? '/health' : '/new';
        next();
      });
      app.use(expressTracing(), ok);
      for (const path of ['/old', '/health']) expect((await get(path)).status).toBe(200);
      await spans.settled();
      expect(spans.spans.map(({ attributes }) => attributes['url.path'])).toEqual(['/old']);
    });
  });
}
