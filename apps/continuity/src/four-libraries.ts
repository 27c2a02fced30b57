// Fastify, which calls Koa, which calls Express, which asks PostgreSQL, in one process that knows nothing of tracing.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import Router from '@koa/router';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const last = express();
last.get('/express/:item', (request, response, next) => {
  pool.query('SELECT $1::text AS item', [request.params.item]).then(({ rows }) => response.json(rows), next);
});
const lastUrl = await listen(last);

const router = new Router();
router.get('/koa/:item', async (context) => {
  context.body = await (await fetch(`${lastUrl}/express/${context.params['item']}`)).text();
});
const middle = new Koa();
middle.use(router.routes());
const handle = middle.callback();
const middleUrl = await listen((request, response) => void handle(request, response));

const first = fastify();
first.get<{ Params: { item: string } }>('/fastify/:item', async ({ params }) =>
  (await fetch(`${middleUrl}/koa/${params.item}`)).text(),
);
process.stdout.write(`listening on ${await first.listen({ host: '127.0.0.1', port: 0 })}\n`);
