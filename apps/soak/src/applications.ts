import { createServer, type RequestListener, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';

import Router from '@koa/router';
import { expressTracing } from '@org/tracing-express';
import { fastifyTracing } from '@org/tracing-fastify';
import { koaTracing } from '@org/tracing-koa';
import express, { type NextFunction, type Request, type Response } from 'express';
import { fastify, type FastifyRequest } from 'fastify';
import Koa from 'koa';

import { gone, type Work } from './work.ts';

/** What the plugins are registered with. */
export interface PluginOptions {
  readonly requestId: boolean;
  readonly layers: boolean;
}

/** Makes an application that answers the requests of `requests.ts`; its server does not listen yet. */
type CreateServer = (work: Work, options: PluginOptions) => Promise<Server>;

/** An application of each framework. */
export const applications: Readonly<Record<'express' | 'fastify' | 'koa', CreateServer>> = {
  async fastify(work, options) {
    const app = fastify();
    await app.register(fastifyTracing, options);
    app.get<{ Params: { id: string } }>('/orders/:id', ({ params }) => work.order(params.id));
    app.post('/orders', async (request) => ({ fields: Object.keys(request.body as object).length }));
    app.get('/stream', (_request, reply) => reply.send(work.stream()));
    app.get('/endless', (_request, reply) => reply.send(work.endless()));
    app.get('/hang', () => new Promise<never>(() => undefined));
    const untilGone = async (request: FastifyRequest): Promise<void> => gone(request.raw);
    app.get('/late', { preHandler: untilGone }, () => work.order('1'));
    app.get('/late/hang', { preHandler: untilGone }, () => new Promise<never>(() => undefined));
    app.get('/fail/now', () => {
      throw new Error('failed now');
    });
    app.get('/fail/later', async () => {
      await work.order('1');
      throw new Error('failed later');
    });
    app.get('/fail/stream', (_request, reply) => reply.send(work.brokenStream()));
    app.get('/out', ({ host }) => work.callOut(`http://${host}`));
    app.get('/inner', (_request, reply) => reply.header('connection', 'close').send({}));
    app.get('/health', async () => ({}));
    await app.ready();
    return app.server;
  },

  async koa(work, options) {
    const app = new Koa();
    // It would print every failure.
    app.silent = true;
    app.use(koaTracing(options));
    const router = new Router();
    router.get('/orders/:id', async (ctx) => {
      ctx.body = await work.order(ctx.params['id'] ?? '');
    });
    router.post('/orders', async (ctx) => {
      ctx.body = { length: (await buffer(ctx.req)).length };
    });
    router.get('/stream', (ctx) => {
      ctx.body = work.stream();
    });
    router.get('/endless', (ctx) => {
      ctx.body = work.endless();
    });
    router.get('/hang', () => new Promise<never>(() => undefined));
    router.use('/late', async (ctx, next) => {
      await gone(ctx.req);
      await next();
    });
    router.get('/late', async (ctx) => {
      ctx.body = await work.order('1');
    });
    router.get('/late/hang', () => new Promise<never>(() => undefined));
    router.get('/fail/now', () => {
      throw new Error('failed now');
    });
    router.get('/fail/later', async () => {
      await work.order('1');
      throw new Error('failed later');
    });
    router.get('/fail/stream', (ctx) => {
      ctx.body = work.brokenStream();
    });
    router.get('/out', async (ctx) => {
      ctx.body = await work.callOut(`http://${ctx.host}`);
    });
    router.get('/inner', (ctx) => {
      ctx.set('connection', 'close');
      ctx.body = {};
    });
    router.get('/health', (ctx) => {
      ctx.body = {};
    });
    app.use(router.routes());
    const handle = app.callback();
    return serve((request, response) => void handle(request, response));
  },

  async express(work, options) {
    const app = express();
    app.use(expressTracing(options));
    app.get('/orders/:id', async ({ params }, response) => {
      response.json(await work.order(params.id));
    });
    app.post('/orders', express.json(), ({ body }: { body: object }, response) => {
      response.json({ fields: Object.keys(body).length });
    });
    app.get('/stream', (_request, response) => void work.stream().pipe(response));
    app.get('/endless', (_request, response) => {
      const body = work.endless();
      response.on('close', () => body.destroy());
      body.pipe(response);
    });
    app.get('/hang', () => undefined);
    app.use('/late', async (request, _response, next) => {
      await gone(request);
      next();
    });
    app.get('/late', async (_request, response) => {
      response.json(await work.order('1'));
    });
    app.get('/late/hang', () => undefined);
    app.get('/fail/now', () => {
      throw new Error('failed now');
    });
    app.get('/fail/later', async () => {
      await work.order('1');
      throw new Error('failed later');
    });
    app.get('/fail/stream', (_request, response) => {
      const body = work.brokenStream();
      body.on('error', (error) => response.destroy(error));
      body.pipe(response);
    });
    app.get('/out', async ({ headers }, response) => {
      response.json(await work.callOut(`http://${headers.host}`));
    });
    app.get('/inner', (_request, response) => {
      response.set('connection', 'close').json({});
    });
    app.get('/health', (_request, response) => {
      response.json({});
    });
    // Express would print every failure.
    app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
      response.status(500).json({ error: 'failed' });
    });
    return serve(app);
  },
};

function serve(listener: RequestListener): Server {
  return createServer({ keepAliveTimeout: 0 }, listener);
}
