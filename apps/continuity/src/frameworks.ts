import { createServer, type Server } from 'node:http';

/** Answers `GET /hop/:item`. */
export type Hop = (item: string) => Promise<string>;

/** The same service in each framework, which is loaded only where it is used; its server does not listen yet. */
export const frameworks: Readonly<Record<string, (hop: Hop) => Promise<Server>>> = {
  async fastify(hop) {
    const { fastify } = await import('fastify');
    const { fastifyTracing } = await import('@org/tracing-fastify');
    const app = fastify();
    await app.register(fastifyTracing);
    app.get<{ Params: { item: string } }>('/hop/:item', ({ params }) => hop(params.item));
    await app.ready();
    return app.server;
  },

  async koa(hop) {
    const { default: Koa } = await import('koa');
    const { default: Router } = await import('@koa/router');
    const { koaTracing } = await import('@org/tracing-koa');
    const app = new Koa();
    const router = new Router();
    app.use(koaTracing());
    app.use(router.routes());
    router.get('/hop/:item', async (ctx) => {
      ctx.body = await hop(ctx.params['item'] ?? '');
    });
    const handle = app.callback();
    return createServer((request, response) => void handle(request, response));
  },

  async express(hop) {
    const { default: express } = await import('express');
    const { expressTracing } = await import('@org/tracing-express');
    const app = express();
    app.use(expressTracing());
    app.get('/hop/:item', async ({ params }, response) => {
      response.send(await hop(params.item));
    });
    return createServer(app);
  },
};
