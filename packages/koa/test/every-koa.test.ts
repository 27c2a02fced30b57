import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import Router from '@koa/router';
import { diag, SpanKind } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import Koa from 'koa';
import mount from 'koa-mount';
import { expect, onTestFinished, test } from 'vitest';

import { traceEveryKoa } from '../src/every-koa.ts';

traceEveryKoa(Koa);

async function urlOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an application that listens twice, with another mounted that listens too, has one span a request', async () => {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const inner = new Koa();
  const router = new Router();
  router.get('/items/:id', (context) => {
    context.body = 'item';
  });
  inner.use(router.routes());
  const outer = new Koa();
  outer.use(mount('/shop', inner));
  const urls = [
    await urlOf(createServer(inner.callback())),
    await urlOf(createServer(outer.callback())),
    await urlOf(createServer(outer.callback())),
  ];
  expect(outer.middleware).toHaveLength(2);

  expect(await (await fetch(`${urls[0]}/items/1`)).text()).toBe('item');
  for (const url of urls.slice(1)) expect(await (await fetch(`${url}/shop/items/1`)).text()).toBe('item');

  await spans.settled();
  expect(spans.spans.map(({ kind, name }) => [SpanKind[kind], name])).toEqual([
    ['SERVER', 'GET /items/:id'],
    ['SERVER', 'GET /shop/items/:id'],
    ['SERVER', 'GET /shop/items/:id'],
  ]);
});

test('an application whose middleware cannot be added to runs as it did, which is told', async () => {
  const said: string[] = [];
  const nothing = (): void => undefined;
  const logger = { error: nothing, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger({ ...logger, warn: (message) => void said.push(message) });
  onTestFinished(() => diag.disable());
  const app = new Koa();
  app.use((context) => {
    context.body = 'as ever';
  });
  Object.freeze(app.middleware);
  const url = await urlOf(createServer(app.callback()));
  expect(await (await fetch(url)).text()).toBe('as ever');
  expect(said).toEqual([expect.stringContaining('an application of Koa is not traced: TypeError: ')]);
});

test('what is not Koa is refused, and not touched', () => {
  const other = { prototype: {} };
  expect(() => traceEveryKoa(other)).toThrow(/^koa: expected the class Koa/);
  expect(other).toEqual({ prototype: {} });
});
