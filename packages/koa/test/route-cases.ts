import type Router from '@koa/router';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import compose from 'koa-compose';
import mount from 'koa-mount';

/** Answers. */
export const ok: Middleware = (context) => {
  context.body = 'ok';
};

/** An application and the routes of its requests. */
export interface RouteCase {
  readonly sentence: string;
  build(app: Koa, router: () => Router): void;
  /** A request, `GET` where no method is written, and the route that it has; undefined for none. */
  readonly routes: Readonly<Record<string, string | undefined>>;
}

export const routeCases: readonly RouteCase[] = [
  {
    sentence: 'a string route is the span’s name and http.route (K1)',
    build: (app, router) => app.use(router().get('/post/:id', ok).routes()),
    routes: { '/post/7': '/post/:id', '/post/7?id=8#x': '/post/:id' },
  },
  {
    sentence: 'a RegExp route is named by the expression (K2)',
    build: (app, router) =>
      app.use(
        router()
          .get(/^\/p(ost)?\/\d+$/, ok)
          .routes(),
      ),
    routes: { '/post/7': String.raw`/^\/p(ost)?\/\d+$/`, '/p/8': String.raw`/^\/p(ost)?\/\d+$/` },
  },
  {
    sentence: 'each path of an array is a route of its own',
    build: (app, router) => app.use(router().get(['/one/:id', '/two/:id'], ok).routes()),
    routes: { '/one/7': '/one/:id', '/two/7': '/two/:id' },
  },
  {
    sentence: 'a named route keeps its path as http.route (K3)',
    build: (app, router) => app.use(router().get('post', '/post/:id', ok).routes()),
    routes: { '/post/7': '/post/:id' },
  },
  {
    sentence: 'nested routers give prefix and path (K4)',
    build(app, router) {
      const posts = router().get('/post/:id', ok).get('/', ok);
      app.use(router().use('/:first', posts.routes()).use('/x/:second', posts.routes()).routes());
    },
    routes: { '/a/post/7': '/:first/post/:id', '/x/b/post/7': '/x/:second/post/:id' },
  },
  {
    sentence: 'router.prefix gives prefix and path (K5)',
    build: (app, router) => app.use(router().get('/post/:id', ok).prefix('/:first').routes()),
    routes: { '/a/post/7': '/:first/post/:id' },
  },
  {
    sentence: 'a prefixed router in a prefixed router gives both (K4, K5)',
    build(app, router) {
      const inner = router().prefix('/v/:version').get('/post/:id', ok);
      app.use(router().prefix('/api').use(inner.routes()).routes());
    },
    routes: { '/api/v/1/post/7': '/api/v/:version/post/:id', '/api/v/1': undefined },
  },
  {
    sentence: 'a composed router gives its route (X1)',
    build(app, router) {
      const posts = router().get('/post/:id', ok);
      const users = router().get('/user/:id', ok);
      app.use(compose([posts.routes(), posts.allowedMethods(), compose([users.routes()])]));
    },
    routes: { '/post/7': '/post/:id', '/user/7': '/user/:id', '/other/7': undefined },
  },
  {
    sentence: 'a mounted router gives the mount and its route, its root the mount itself (X1)',
    build: (app, router) => app.use(mount('/api', router().get('/post/:id', ok).get('/', ok).routes())),
    routes: { '/api/post/7?x=1': '/api/post/:id', '/api': '/api', '/api/': '/api', '/api/other': undefined },
  },
  {
    sentence: 'mounts inside mounts give the whole prefix, and a mount that was passed by adds nothing (X1)',
    build(app, router) {
      const passed = router().get('/other', ok);
      const posts = router().get('/post/:id', ok);
      app.use(mount('/api', compose([mount('/v1', passed.routes()), mount('/v1', posts.routes())])));
    },
    routes: { '/api/v1/post/7': '/api/v1/post/:id', '/api/v1/other': '/api/v1/other' },
  },
  {
    sentence: 'a router behind a mount that let the request pass has no prefix of it',
    build(app, router) {
      app.use(mount('/api', (_context, next) => next()));
      app.use(router().get('/api/:id', ok).routes());
    },
    routes: { '/api/7': '/api/:id' },
  },
  {
    sentence: 'a path that a middleware of the user’s has rewritten puts no raw prefix into the route',
    build(app, router) {
      app.use((context, next) => {
        context.path = context.path.replace(/^\/tenant-\d+/, '');
        return next();
      });
      app.use(router().get('/post/:id', ok).routes());
    },
    routes: { '/tenant-17/post/7': '/post/:id' },
  },
  {
    sentence: 'a router’s middleware that answers by itself does not hide the route',
    build(app, router) {
      const refuse: Middleware = (context) => {
        context.status = 401;
      };
      app.use(router().use(refuse).get('/post/:id', ok).routes());
    },
    routes: { '/post/7': '/post/:id', '/other': undefined },
  },
  {
    sentence: 'of several routes that match, the one that ran last counts',
    build: (app, router) => app.use(router().get('/post/:id', ok).get('/post/special', ok).routes()),
    routes: { '/post/special': '/post/:id' },
  },
  {
    sentence: 'no route, no http.route, and the method alone as name',
    build: (app, router) => app.use(router().get('/post/:id', ok).routes()),
    routes: { '/nothing': undefined, '/post': undefined },
  },
  {
    sentence: 'a path with another method has no route, with allowedMethods and without',
    build(app, router) {
      const posts = router().get('/post/:id', ok);
      const users = router().get('/user/:id', ok);
      app.use(posts.routes()).use(users.routes()).use(users.allowedMethods());
    },
    routes: { 'DELETE /post/7': undefined, 'DELETE /user/7': undefined, 'OPTIONS /user/7': undefined },
  },
];
