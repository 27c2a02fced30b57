import { describe, expect, test } from 'vitest';

import { expressTracing } from '../src/index.ts';
import { expressServer, plainServer } from './express-server.ts';
import { freshExpress, versions } from './express-versions.ts';
import { ok, pass, routeCases, routesSeen } from './route-cases.ts';

describe('without the express option, from the first request of the process on', () => {
  for (const each of routeCases('5.3')) {
    test(`express 5.3 has every route: ${each.sentence}`, async () => {
      const express = freshExpress('5.3');
      const server = expressServer(express);
      each.build(server.app, express);
      expect(await routesSeen(server, each)).toEqual(each.routes);
    });
  }

  for (const version of ['5.2', '5.0', '4']) {
    for (const each of routeCases(version)) {
      test(`express ${version} has the right route or none: ${each.sentence}`, async () => {
        const express = freshExpress(version);
        const server = expressServer(express);
        each.build(server.app, express);
        for (const [path, route] of Object.entries(await routesSeen(server, each))) {
          expect([each.routes[path], undefined], path).toContain(route);
        }
      });
    }
  }
});

/** Requests one path of an application whose mounts nobody has kept. */
async function routeOf(version: string, mount: string | RegExp | string[], path: string): Promise<unknown> {
  const express = freshExpress(version);
  const server = expressServer(express);
  server.app.use(mount, express.Router().get('/x', ok));
  return (await server.spanOf(path)).attributes['http.route'];
}

test.each(['5.2', '5.0'])(
  'a mount of express %s that takes a path of thousands of segments is not rebuilt, which would take seconds',
  async (version) => {
    const express = freshExpress(version);
    const server = expressServer(express);
    server.app.use('/*path', (_request, response) => void response.end());
    const long = `/${'a/'.repeat(3500)}x`;
    await server.spanOf(`${long}?warm`);
    const before = process.cpuUsage();
    expect((await server.spanOf(`${long}?measured`)).attributes).not.toHaveProperty('http.route');
    expect(process.cpuUsage(before).user).toBeLessThan(500_000);
  },
);

for (const version of ['5.2', '5.0', '4']) {
  describe(`mounts of express ${version} that were made before anybody kept their paths`, () => {
    test.each([
      ['/api', '/api/x', '/api/x'],
      ['/api/v1.2', '/api/v1.2/x', '/api/v1.2/x'],
      ['/api/:version', '/api/v1/x', '/api/:version/x'],
      ['/:tenant/users/:id', '/acme/users/7/x', '/:tenant/users/:id/x'],
      ['/a/:id', '/a/a/x', '/a/:id/x'],
      ['/:id/a/:other', '/a/a/a/x', '/:id/a/:other/x'],
      ['/api/:name', '/api/caf%C3%A9/x', '/api/:name/x'],
    ])('%s is rebuilt from %s', async (mount, path, route) => {
      expect(await routeOf(version, mount, path)).toBe(route);
    });

    test.each([
      [/\/v\d+/, '/v1/x'],
      [/\/(?<tenant>[a-z]+)/, '/acme/x'],
      [['/one', '/two'], '/one/x'],
      ['/api', '/API/x'],
    ])('%s cannot be told from %s, so there is no route', async (mount, path) => {
      expect(await routeOf(version, mount, path)).toBeUndefined();
    });

    test('a path once rebuilt is kept for requests that it could not be told from', async () => {
      const express = freshExpress(version);
      const { app, spanOf } = expressServer(express);
      app.use('/api', express.Router().get('/x', ok));
      for (const [path, route] of [
        ['/API/x', undefined],
        ['/api/x', '/api/x'],
        ['/API/x', '/api/x'],
      ] as const) {
        expect((await spanOf(path)).attributes['http.route']).toBe(route);
      }
    });

    test('mounts that are added after the first request are kept as they are written', async () => {
      const express = freshExpress(version);
      const { app, spanOf } = expressServer(express);
      await spanOf('/');
      app.use(/\/v\d+/, express.Router().get('/x', ok));
      expect((await spanOf('/v1/x')).attributes['http.route']).toBe(String.raw`/\/v\d+/x`);
    });

    test('a router that was built before expressTracing({ express }) has its route too', async () => {
      const express = freshExpress(version);
      const router = express.Router().use('/users/:id', express.Router().get('/x', ok));
      const { app, spanOf } = expressServer(express, { express });
      app.use('/api', router);
      expect((await spanOf('/api/users/7/x')).attributes['http.route']).toBe('/api/users/:id/x');
    });
  });
}

describe.each(['5.2', '5.0'])('mounts of express %s with optional, partial or many segments', (version) => {
  test.each([
    ['/api{/:version}', '/api/x'],
    ['/api{/:version}', '/api/v1/x'],
    ['{/:lang}/docs', '/docs/x'],
    ['{/:lang}/docs', '/en/docs/x'],
    ['/v:version', '/v1/x'],
    ['/:from-:to', '/a-b/x'],
    ['/files/*path', '/files/a/b/x'],
  ])('%s cannot be told from %s, so there is no route', async (mount, path) => {
    expect(await routeOf(version, mount, path)).toBeUndefined();
  });
});

describe('mounts of express 4 with optional, partial or many segments', () => {
  test.each([
    ['/:id?', '/7/x', undefined],
    ['/files/*', '/files/a/x', undefined],
    [String.raw`/:id(\d+)`, '/7/x', undefined],
    ['/ab?c', '/ac/x', undefined],
    ['/v:version', '/v1/x', '/v:version/x'],
    ['/:from-:to', '/a-b/x', '/:from-:to/x'],
  ])('%s and %s: %s', async (mount, path, route) => {
    expect(await routeOf('4', mount, path)).toBe(route);
  });
});

describe('the middleware in a router or mounted application of its own', () => {
  for (const { version } of versions) {
    test(`has the whole route in express ${version}, where its own path is known`, async () => {
      const express = freshExpress(version);
      const { app, spanOf } = plainServer(express);
      const inner = express();
      inner.use(expressTracing({ express })).get('/:id', ok);
      app.use('/sub/:tenant', inner);
      const router = express.Router().use(expressTracing()).use(pass).get('/:name', ok);
      app.use('/router', router);
      app.use('/direct', expressTracing(), express.Router().get('/:key', ok));
      expect((await spanOf('/sub/acme/7')).name).toBe('GET /sub/:tenant/:id');
      expect((await spanOf('/router/x')).name).toBe('GET /router/:name');
      expect((await spanOf('/direct/y')).name).toBe('GET /direct/:key');
    });

    test(`leaves the route out in express ${version}, where the request was in it already`, async () => {
      const express = freshExpress(version);
      const { app, spanOf } = plainServer(express);
      app.use('/router', express.Router().use(expressTracing()).get('/:name', ok));
      expect((await spanOf('/router/x')).name).toBe('GET');
      expect((await spanOf('/router/x')).name).toBe('GET /router/:name');
    });

    test(`leaves it out in express ${version}, where the request was in the mounted application already`, async () => {
      const express = freshExpress(version);
      const { app, spanOf } = plainServer(express);
      const inner = express();
      inner.use(expressTracing()).get('/:name', ok);
      app.use('/app', inner);
      expect((await spanOf('/app/x')).name).toBe('GET');
      expect((await spanOf('/app/x')).name).toBe('GET /app/:name');
    });

    test(`knows its path in express ${version}, where it is used at a path of the application`, async () => {
      const express = freshExpress(version);
      const { app, spanOf } = plainServer(express);
      app.use('/direct', expressTracing(), express.Router().get('/:key', ok));
      expect((await spanOf('/direct/y')).name).toBe('GET /direct/:key');
    });
  }
});

describe('applications of two versions in one process', () => {
  test('routes of a mounted application of another version are whole where it is traced too', async () => {
    const express = freshExpress('5.3');
    const express4 = freshExpress('4');
    const { app, spanOf } = expressServer(express);
    const old = express4();
    old.use(expressTracing()).get('/:id', ok);
    app.use('/old/:tenant', old);
    expect((await spanOf('/old/acme/7')).name).toBe('GET /old/:tenant/:id');
    expect((await spanOf('/old/acme/7')).name).toBe('GET /old/:tenant/:id');
  });

  test('and are left out where it is not', async () => {
    const express = freshExpress('5.3');
    const express4 = freshExpress('4');
    const { app, spanOf } = expressServer(express);
    app.use('/old/:tenant', express4().get('/pass/:id', pass).get('/:id', ok));
    expect((await spanOf('/old/acme/7')).name).toBe('GET');
    expect((await spanOf('/old/acme/pass/7')).name).toBe('GET');
  });
});
