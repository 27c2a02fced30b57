import type { Application, Request, Response } from 'express';
import { expect } from 'vitest';

import type { ExpressServer } from './express-server.ts';
import type { Express } from './express-versions.ts';

/** Answers. */
export const ok = (_request: Request, response: Response): void => void response.send('ok');
/** Passes on. */
export const pass = (_request: Request, _response: Response, next: () => void): void => next();

/** An application and the routes of its requests. */
export interface RouteCase {
  readonly sentence: string;
  build(app: Application, express: Express): void;
  /** A path and the route that it has; undefined for none. */
  readonly routes: Readonly<Record<string, string | undefined>>;
}

const cases: readonly RouteCase[] = [
  {
    sentence: 'a route with parameters',
    build: (app) => app.get('/users/:id/posts/:post', ok),
    routes: { '/users/7/posts/8': '/users/:id/posts/:post', '/users/7': undefined },
  },
  {
    sentence: 'the root path is /',
    build: (app) => app.get('/', ok),
    routes: { '/': '/' },
  },
  {
    sentence: 'middleware at a path that answers itself (E9)',
    build: (app) => app.use('/bare_middleware', ok),
    routes: { '/bare_middleware': '/bare_middleware', '/bare_middleware/below': '/bare_middleware' },
  },
  {
    sentence:
      "a router and the middleware in it are joined (E9, 'full mount patterns even for a plain middleware')",
    build: (app, express) => {
      const router = express.Router();
      router.use('/tenants/:tenant', ok);
      app.use('/api/:version', router);
    },
    routes: { '/api/v1/tenants/acme/x': '/api/:version/tenants/:tenant' },
  },
  {
    sentence: 'nested routers (E16)',
    build: (app, express) => {
      const posts = express.Router();
      posts.get('/:postId', ok);
      const users = express.Router();
      users.use('/:id/posts', posts);
      const api = express.Router();
      api.use('/user', users);
      app.use('/api', pass, api);
    },
    routes: {
      '/api/user/7/posts/8': '/api/user/:id/posts/:postId',
      '/api/user/7/posts/8/more': undefined,
      '/api/user/7': undefined,
      '/api': undefined,
    },
  },
  {
    sentence: 'the same router mounted twice',
    build: (app, express) => {
      const router = express.Router();
      router.get('/:id', ok);
      app.use('/first', router);
      app.use('/second', router);
    },
    routes: { '/first/1': '/first/:id', '/second/1': '/second/:id' },
  },
  {
    sentence: 'a parameter whose value is also a part of the path',
    build: (app, express) => {
      const router = express.Router();
      router.get('/', ok);
      app.use('/a/:id', router);
    },
    routes: { '/a/a': '/a/:id', '/a/1': '/a/:id' },
  },
  {
    sentence: 'a mount with a parameter below a mount with the same one (mergeParams)',
    build: (app, express) => {
      const inner = express.Router({ mergeParams: true });
      inner.get('/:c', ok);
      app.use('/:a', express.Router({ mergeParams: true }).use('/:b', inner));
    },
    routes: { '/1/2/3': '/:a/:b/:c' },
  },
  {
    sentence: 'app.route and router.route',
    build: (app, express) => {
      app.route('/books/:id').get(ok);
      app.use('/lib', express.Router().use(pass).get('/shelf/:n', ok));
    },
    routes: { '/books/1': '/books/:id', '/lib/shelf/2': '/lib/shelf/:n' },
  },
  {
    sentence: 'a mounted application, in a mounted application',
    build: (app, express) => {
      const inner = express();
      inner.get('/things/:id', ok);
      const outer = express();
      outer.use('/v/:version', inner);
      app.use('/sub', outer);
    },
    routes: { '/sub/v/1/things/2': '/sub/v/:version/things/:id', '/sub/v/1': undefined },
  },
  {
    sentence: 'a router that the handler of a route calls: a route takes nothing off the path',
    build: (app, express) => {
      const router = express.Router();
      router.get('/things/:id', ok);
      app.get('/things/:any', router);
      app.use('/below/:tenant', express.Router().get('/things/:any', router));
    },
    routes: { '/things/1': '/things/:id', '/below/acme/things/1': '/below/:tenant/things/:id' },
  },
  {
    sentence: 'a request that a handler sends through the application again, under another URL',
    build: (app) => {
      app.get('/old/:id', (request, response) => {
        request.url = '/new/1';
        app(request, response);
      });
      app.get('/new/:id', ok);
    },
    routes: { '/old/1': '/new/:id' },
  },
  {
    sentence: 'double slashes collapse (E10)',
    build: (app, express) => {
      app.use('/double-slashes/', express.Router().get('/:id', ok));
      app.get('/doubled//:id', ok);
    },
    routes: { '/double-slashes/1': '/double-slashes/:id', '/doubled//1': '/doubled/:id' },
  },
  {
    sentence: 'slashes at the ends of mounts and routes',
    build: (app, express) => {
      app.use('/api/', express.Router().get('/users', ok));
      app.use('/lib', express.Router().get('/', ok));
      app.get('/list/', ok);
    },
    routes: { '/api/users': '/api/users', '/lib': '/lib', '/lib/': '/lib', '/list/': '/list/' },
  },
  {
    sentence: 'middleware at a path in front of a route of the same path (E18)',
    build: (app) => app.use('/mw', pass).get('/mw', ok),
    routes: { '/mw': '/mw' },
  },
  {
    sentence: 'a regular expression (E17)',
    build: (app) => app.get(/^\/ab?c\/\d+$/, ok),
    routes: { '/abc/12': String(/^\/ab?c\/\d+$/), '/ac/1': String(/^\/ab?c\/\d+$/) },
  },
  {
    sentence: 'an array of paths and regular expressions has one name for each member (E17)',
    build: (app) => app.get(['/test/array1', /\/test\/array[2-9]/], ok),
    routes: {
      '/test/array1': String.raw`/test/array1,/\/test\/array[2-9]/`,
      '/test/array5': String.raw`/test/array1,/\/test\/array[2-9]/`,
    },
  },
  {
    sentence: 'arrays and regular expressions as mounts (E17)',
    build: (app, express) => {
      const router = express.Router();
      router.get('/x', ok);
      app.use(['/one', '/two'], router);
      app.use(/\/v\d+/, router);
    },
    routes: { '/one/x': '/one,/two/x', '/two/x': '/one,/two/x', '/v12/x': String.raw`/\/v\d+/x` },
  },
  {
    sentence: 'the spelling of the route, not of the request',
    build: (app, express) => app.use('/userGroups', express.Router().get('/List/:id', ok)),
    routes: { '/USERGROUPS/LIST/x': '/userGroups/List/:id' },
  },
  {
    sentence: 'the query and the hash are no part of it (E21)',
    build: (app) => app.get('/users/:id', ok),
    routes: { '/users/7?path=/other/1#hash': '/users/:id', '/?path=/users/1': undefined },
  },
  {
    sentence: 'a 404 has none, whatever middleware and routes it passed (E1)',
    build: (app, express) => {
      app.use('/area', pass).get('/area/:id', (_request, _response, next) => next());
      app.use('/area', express.Router().use('/deep', pass));
      app.get('/skipped', (_request, _response, next) => next('route'), ok);
    },
    routes: { '/area/1': undefined, '/area/deep': undefined, '/skipped': undefined, '/nothing': undefined },
  },
  {
    sentence: "the application's own 404 middleware is no route",
    build: (app) => {
      app.get('/known', ok);
      app.use((_request, response) => void response.status(404).send('none'));
    },
    routes: { '/unknown': undefined, '/known': '/known' },
  },
  {
    sentence: 'the handler that answered, where several matched',
    build: (app, express) => {
      app.get('/:any', pass);
      app.get('/:id', (_request, _response, next) => next('route'));
      app.use(
        '/thing',
        express.Router().use((_request, _response, next) => next('router')),
      );
      app.get('/thing', pass, ok);
    },
    routes: { '/thing': '/thing' },
  },
  {
    sentence: 'a handler that answers and calls next all the same',
    build: (app) => {
      app.get('/eager', (_request, response, next) => {
        response.send('ok');
        next();
      });
      app.use('/:late', pass);
    },
    routes: { '/eager': '/eager' },
  },
  {
    sentence: 'middleware that answers after a router that it called by hand had no answer',
    build: (app, express) => {
      const router = express.Router();
      router.get('/:id', (_request, _response, next) => next());
      app.use('/by-hand', (request, response) => {
        router(request, response, () => response.send('ok'));
      });
    },
    routes: { '/by-hand/7': '/by-hand' },
  },
  {
    sentence: 'a request that an outer router takes on while an inner one has not let go',
    build: (app, express) => {
      const goOn: (() => void)[] = [];
      app.use((_request, _response, next) => {
        goOn.push(next);
        next();
      });
      app.use(
        '/:outer',
        express.Router().get('/:inner', () => goOn.shift()?.()),
      );
      app.get('/taken/:id', ok);
    },
    routes: { '/taken/7': '/taken/:id' },
  },
  {
    sentence: 'a parameter callback that answers has the route that it was called for',
    build: (app, express) => {
      app.use('/passed', pass);
      app.param('id', (_request, response) => void response.status(404).send('none'));
      app.get('/passed/:id', ok);
      const router = express.Router();
      router.param('name', (_request, response) => void response.status(404).send('none'));
      router.get('/:name', ok);
      app.use('/names', router);
    },
    routes: { '/passed/1': '/passed/:id', '/names/x': '/names/:name' },
  },
];

const casesOf: Readonly<Record<string, readonly RouteCase[]>> = {
  '5': [
    {
      sentence: 'wildcards never appear in other routes (E13)',
      build: (app, express) => {
        app.all('/{*path}', pass);
        app.use('/{*path}', pass);
        app.use('/files', express.Router().get('/*path', ok));
        app.get('/users/:id', ok);
      },
      routes: { '/users/7': '/users/:id', '/files/a/b': '/files/*path', '/none': undefined },
    },
    {
      sentence: 'an array of a path, a regular expression and a number has one name for each member (E17)',
      build: (app) => app.get(['/test/array1', /\/test\/array[2-9]/, 6] as string[], ok),
      routes: {
        '/test/array1': String.raw`/test/array1,/\/test\/array[2-9]/,6`,
        '/test/array5': String.raw`/test/array1,/\/test\/array[2-9]/,6`,
      },
    },
  ],
  '4': [
    {
      sentence: 'wildcards never appear in other routes (E13)',
      build: (app, express) => {
        app.all('*', pass);
        app.use('/*', pass);
        app.use('/files', express.Router().get('*', ok));
        app.get('/users/:id', ok);
        app.get('*', ok);
      },
      routes: { '/users/7': '/users/:id', '/files/a/b': '/files/*', '/none': '*' },
    },
  ],
};

/** The cases of one version of Express. */
export function routeCases(version: string): readonly RouteCase[] {
  return [...cases, ...(casesOf[version.charAt(0)] ?? [])];
}

/** Requests the paths of a case one after the other, and all of them once more, and returns the route of each. */
export async function routesSeen(server: ExpressServer, { routes }: RouteCase): Promise<RouteCase['routes']> {
  const seen: Record<string, string | undefined> = {};
  const paths = Object.keys(routes);
  for (const [index, path] of [...paths, ...paths].entries()) {
    const { name, attributes } = await server.spanOf(path);
    const route = attributes['http.route'];
    const text = typeof route === 'string' ? route : undefined;
    expect(name).toBe(text === undefined ? 'GET' : `GET ${text}`);
    // From the first request on, the application is known to begin with the middleware.
    if (index >= paths.length) expect(text).toBe(seen[path]);
    seen[path] = text;
  }
  return seen;
}
