import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { type HttpServerTracing, traceHttpServer } from '@org/tracing-core';

import { listen, type Reply, type Route, type ServerSetup, testHttpServer } from '../src/contract.ts';

const scope = { name: 'plain', version: '1.0.0' };

interface PlainRequest extends IncomingMessage {
  route?: string;
}

/** The smallest framework there is: the suite is held to core, with nothing of a plugin in between. */
function application({ registrations, options, routes, parseJson, onError }: ServerSetup): RequestListener {
  let listener: RequestListener = (request: PlainRequest, response) => {
    void answer(request, response);
  };

  async function answer(request: PlainRequest, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const found = routes.find((route) => methodOf(request) === route.method && match(route, path));
    if (!found) return send(response, { status: 404, body: 'not found' });
    request.route = found.path;
    try {
      const json = request.headers['content-type'] === 'application/json';
      const body = json ? parseJson(await text(request)) : undefined;
      const reply = await found.handler({ params: match(found, path) ?? {}, body, request, response });
      if (reply) send(response, reply);
    } catch (error) {
      tracing?.open(request).recordError(error);
      const status = statusOf(error);
      send(response, onError?.(error) ?? { status, body: 'error' });
    }
  }

  const framework = { scope, route: (request: PlainRequest) => request.route };
  let tracing: HttpServerTracing<PlainRequest> | undefined;
  for (let times = 0; times < registrations; times++) {
    const next = listener;
    const registered = traceHttpServer<PlainRequest>(framework, options);
    tracing = registered;
    listener = (request, response) => {
      const span = registered.open(request);
      span.attach(response, request);
      span.run(() => next(request, response));
    };
  }
  return listener;
}

function methodOf({ method }: IncomingMessage): string | undefined {
  return method === 'HEAD' ? 'GET' : method;
}

function match({ path }: Route, url: string): Record<string, string> | undefined {
  const pattern = path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)');
  const found = new RegExp(`^${pattern}$`).exec(url);
  return found ? { ...found.groups } : undefined;
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error ? Number(error.status) : 500;
}

function send(response: ServerResponse, { status = 200, body }: Reply): void {
  response.statusCode = status;
  if (typeof body === 'string') response.end(body);
  else body.pipe(response);
}

testHttpServer({
  name: 'node:http',
  scope,
  start: async (setup) => listen(createServer(application(setup))),
});
