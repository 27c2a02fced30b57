import { createServer } from 'node:http';
import { Readable } from 'node:stream';

import {
  listen,
  testHttpServer,
  type Reply,
  type Route,
  type ServerSetup,
} from '@org/tracing-testing/contract';
import type { Application, ErrorRequestHandler, NextFunction, Request, Response } from 'express';

import { expressTracing } from '../src/index.ts';
import { version as ownVersion } from '../src/version.ts';
import { type Express, versions } from './express-versions.ts';

function application(express: Express, setup: ServerSetup): Application {
  const app = express();
  for (let times = 0; times < setup.registrations; times++) app.use(expressTracing(setup.options));
  app.use(express.text({ type: 'application/json' }), (request, _response, next) => {
    if (typeof request.body === 'string') request.body = setup.parseJson(request.body);
    next();
  });
  for (const route of setup.routes) {
    const handle = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
      try {
        await answer(route, request, response);
      } catch (error) {
        // Express 4 does not await its handlers.
        next(error);
      }
    };
    app[route.method === 'GET' ? 'get' : 'post'](route.path, handle);
  }
  const { onError } = setup;
  if (onError) {
    const handleError: ErrorRequestHandler = (error, _request, response, _next) =>
      send(onError(error), response);
    app.use(handleError);
  }
  return app;
}

async function answer(route: Route, request: Request, response: Response): Promise<void> {
  const params = request.params as Record<string, string>;
  const reply = await route.handler({ params, body: request.body as unknown, request, response });
  if (reply) send(reply, response);
}

function send({ status = 200, body }: Reply, response: Response): void {
  response.status(status);
  if (body instanceof Readable) body.pipe(response);
  else response.send(body);
}

for (const { version, express } of versions) {
  testHttpServer({
    name: `express ${version}`,
    scope: { name: '@org/tracing-express', version: ownVersion },
    start: async (setup) => listen(createServer(application(express, setup))),
  });
}
