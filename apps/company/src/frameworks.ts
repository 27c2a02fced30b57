import type http from 'node:http';
import type { RequestListener, Server } from 'node:http';

import type * as otherPackage from '@fastify/otel';
import type RouterClass from '@koa/router';
import type * as expressPackage from '@org/tracing-express';
import type * as fastifyPackage from '@org/tracing-fastify';
import type * as koaPackage from '@org/tracing-koa';
import type expressFactory from 'express';
import type { fastify as fastifyFactory, FastifyPluginCallback } from 'fastify';
import type KoaClass from 'koa';

import { load, loadDefault } from './load.ts';

/** What a service does. */
export interface Work {
  /** Answers `GET /orders/:id`. */
  order(id: string): Promise<unknown>;
  /** Answers `GET /stock/:sku`. */
  stock(headers: NodeJS.Dict<string[]>): unknown;
}

/** When somebody else's plugin is registered, where a framework has plugins. */
export type Order = 'first' | 'last' | 'never';

/** The same service in each framework; its server does not listen yet. */
export const frameworks: Readonly<Record<string, (work: Work, others: Order) => Promise<Server>>> = {
  async fastify(work, others) {
    const fastify = await loadDefault<typeof fastifyFactory>('fastify');
    const { fastifyTracing } = await load<typeof fastifyPackage>('@org/tracing-fastify');
    const { FastifyOtelInstrumentation } = await load<typeof otherPackage>('@fastify/otel');
    const app = fastify();
    const other = new FastifyOtelInstrumentation().plugin() as unknown as FastifyPluginCallback;
    if (others === 'first') await app.register(other);
    await app.register(fastifyTracing);
    if (others === 'last') await app.register(other);
    app.get<{ Params: { id: string } }>('/orders/:id', async ({ params }) => work.order(params.id));
    app.get('/stock/:sku', async ({ raw }) => work.stock(raw.headersDistinct));
    await app.ready();
    return app.server;
  },

  async koa(work) {
    const Koa = await loadDefault<typeof KoaClass>('koa');
    const Router = await loadDefault<typeof RouterClass>('@koa/router');
    const plugin = process.env['KOA_TRACING'] ?? '@org/tracing-koa';
    const { koaTracing } = await load<typeof koaPackage>(plugin);
    const app = new Koa();
    const router = new Router();
    app.use(koaTracing());
    // A second time: one of the two is in effect.
    app.use(koaTracing());
    app.use(router.routes());
    router.get('/orders/:id', async (ctx) => {
      ctx.body = await work.order(ctx.params['id'] ?? '');
    });
    router.get('/stock/:sku', (ctx) => {
      ctx.body = work.stock(ctx.req.headersDistinct);
    });
    const handle = app.callback();
    return serve((request, response) => void handle(request, response));
  },

  async express(work) {
    const express = await loadDefault<typeof expressFactory>('express');
    const { expressTracing } = await load<typeof expressPackage>('@org/tracing-express');
    const app = express();
    app.use(expressTracing());
    app.get('/orders/:id', async ({ params }, response) => {
      response.json(await work.order(params.id));
    });
    app.get('/stock/:sku', (request, response) => {
      response.json(work.stock(request.headersDistinct));
    });
    return serve(app);
  },
};

async function serve(listener: RequestListener): Promise<Server> {
  const { createServer } = await loadDefault<typeof http>('http');
  return createServer(listener);
}
