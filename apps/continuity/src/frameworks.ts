import { createServer, type Server } from 'node:http';

import Router from '@koa/router';
import { expressTracing } from '@org/tracing-express';
import { fastifyTracing } from '@org/tracing-fastify';
import { koaTracing } from '@org/tracing-koa';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';

/** Answers `GET /hop/:item`. */
export type Hop = (item: string) => Promise<string>;

/** The same service in each framework; its server does not listen yet. */
export const frameworks: Readonly<Record<string, (hop: Hop) => Promise<Server>>> = {
  async fastify(hop) {
    const app = fastify();
    await app.register(fastifyTracing);
    app.get<{ Params: { item: string } }>('/hop/:item', ({ params }) => hop(params.item));
    await app.ready();
    return app.server;
  },

  async koa(hop) {
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
    const app = express();
    app.use(expressTracing());
    app.get('/hop/:item', async ({ params }, response) => {
      response.send(await hop(params.item));
    });
    return createServer(app);
  },
};
