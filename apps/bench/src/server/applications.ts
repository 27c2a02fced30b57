import type http from 'node:http';
import type { AddressInfo } from 'node:net';

import type * as fastifyModule from 'fastify';

import type { Load, Start } from './setup.ts';

interface Context {
  params: { name: string };
  request: { body?: object };
  body: unknown;
}
interface Request extends http.IncomingMessage {
  params: { name: string; count: string };
  body: object;
}
interface Response extends http.ServerResponse {
  json(body: unknown): void;
}
type Handler<Arguments extends unknown[]> = (...args: Arguments) => unknown;
interface Routes<Arguments extends unknown[]> {
  get(path: string, handler: Handler<Arguments>): unknown;
  post(path: string, middleware: unknown, handler: Handler<Arguments>): unknown;
  use(middleware: unknown): unknown;
}
interface KoaApp {
  use(middleware: unknown): unknown;
  callback(): http.RequestListener;
}

/** `GET /hello/:name`, `POST /items`, `GET /order/:name` of the chain, in each framework. */
export const applications: Readonly<Record<string, Start>> = {
  async fastify(load, setup, work) {
    const { fastify } = load('fastify') as typeof fastifyModule;
    const app = fastify();
    await setup.fastify?.(app);
    app.get<{ Params: { name: string } }>('/hello/:name', async ({ params }) => ({ hello: params.name }));
    app.post('/items', async ({ body }) => ({ fields: Object.keys(body as object).length }));
    app.get<{ Params: { count: string } }>('/spans/:count', async ({ params }) => {
      setup.spans?.(Number(params.count));
      return { spans: params.count };
    });
    if (work) app.get<{ Params: { name: string } }>('/order/:name', ({ params }) => work(params.name));
    await app.listen({ host: '127.0.0.1', port: 0 });
    return portOf(app.server);
  },

  async koa(load, setup, work) {
    const Koa = load('koa') as new () => KoaApp;
    const Router = load('@koa/router') as new () => Routes<[Context]> & { routes(): unknown };
    const { bodyParser } = load('@koa/bodyparser') as { bodyParser(): unknown };
    // Only where there is a body: a layer costs some tracers a span.
    const app = new Koa();
    setup.koa?.(app);
    const router = new Router();
    router.get('/hello/:name', (context) => {
      context.body = { hello: context.params.name };
    });
    router.post('/items', bodyParser(), (context: Context) => {
      context.body = { fields: Object.keys(context.request.body ?? {}).length };
    });
    if (work) {
      router.get('/order/:name', async (context) => {
        context.body = await work(context.params.name);
      });
    }
    app.use(router.routes());
    return listen(load, app.callback());
  },

  async express(load, setup, work) {
    const express = load('express') as (() => Routes<[Request, Response]> & http.RequestListener) & {
      json(): unknown;
    };
    const app = express();
    setup.express?.(app);
    app.get('/hello/:name', ({ params }, response) => response.json({ hello: params.name }));
    app.post('/items', express.json(), ({ body }: Request, response: Response) =>
      response.json({ fields: Object.keys(body).length }),
    );
    if (work) {
      app.get('/order/:name', async ({ params }, response) => response.json(await work(params.name)));
    }
    setup.expressLast?.(app);
    return listen(load, app);
  },
};

async function listen(load: Load, listener: http.RequestListener): Promise<number> {
  const server = (load('node:http') as typeof http).createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return portOf(server);
}

function portOf(server: http.Server): number {
  return (server.address() as AddressInfo).port;
}
