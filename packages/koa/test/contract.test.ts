import { createServer } from 'node:http';
import { Readable } from 'node:stream';

import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { listen, testHttpServer, type ServerSetup } from '@org/tracing-testing/contract';
import type { default as Koa, Middleware } from 'koa';

import { koaTracing } from '../src/index.ts';
import { version } from '../src/version.ts';
import { koaVersions } from './koa-server.ts';

function application(app: Koa, setup: ServerSetup): Koa {
  app.silent = true;
  for (let times = 0; times < setup.registrations; times++) app.use(koaTracing(setup.options));
  if (setup.onError) app.use(answerErrors(setup.onError));
  app.use(bodyParser({ enableTypes: ['text'], extendTypes: { text: ['application/json'] } }));
  app.use((context, next) => {
    const { body } = context.request;
    if (context.is('application/json')) context.request.body = setup.parseJson(String(body));
    return next();
  });
  const router = new Router();
  for (const route of setup.routes) {
    router[route.method === 'GET' ? 'get' : 'post'](route.path, async (context) => {
      const { params, req: request, res: response } = context;
      const reply = await route.handler({ params, body: context.request.body, request, response });
      if (reply === undefined) {
        context.respond = false;
        return;
      }
      context.status = reply.status ?? 200;
      context.body = reply.body;
    });
  }
  app.use(router.routes());
  return app;
}

/** Koa's usual way: a middleware in front that catches, and tells the application of it. */
function answerErrors(onError: NonNullable<ServerSetup['onError']>): Middleware {
  return async (context, next) => {
    try {
      await next();
    } catch (error) {
      const { status = 200, body } = onError(error);
      context.status = status;
      context.body = body instanceof Readable ? body : String(body);
      context.app.emit('error', error, context);
    }
  };
}

for (const [number, Application] of Object.entries(koaVersions)) {
  testHttpServer({
    name: `koa ${number}`,
    scope: { name: '@org/tracing-koa', version },
    start: async (setup) => listen(createServer(application(new Application(), setup).callback())),
  });
}
