import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Span } from '@opentelemetry/api';
import { type Reply, type Route, type ServerSetup, testHttpServer } from '@org/tracing-testing/contract';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';

import { honoTracing, type HonoTracingOptions } from '../src/index.ts';
import { type NodeHono, serve } from './hono-server.ts';

type NodeContext = Context<{ Bindings: HttpBindings }>;

function application({ routes, parseJson, onError }: ServerSetup, app: NodeHono): NodeHono {
  for (const { method, path, handler } of routes) {
    app.on(method, path, async (c) => {
      const { incoming: request, outgoing: response } = c.env;
      const isJson = c.req.header('content-type') === 'application/json';
      const body = isJson ? parseJson(await c.req.text()) : undefined;
      const reply = await inHonosTerms(() => handler({ params: c.req.param(), body, request, response }));
      return reply === undefined ? RESPONSE_ALREADY_SENT : answer(c, reply);
    });
  }
  if (onError) app.onError((error, c) => answer(c as NodeContext, onError(error)));
  return app;
}

function answer(c: NodeContext, { status = 200, body }: Reply): Response {
  if (body === '') return c.body(null, status as StatusCode);
  const content = typeof body === 'string' ? body : (Readable.toWeb(body) as ReadableStream);
  return c.body(content, status as ContentfulStatusCode);
}

/** An error says its status to Hono by being an `HTTPException`, and in no other way. */
async function inHonosTerms(handle: () => ReturnType<Route['handler']>): Promise<Reply | undefined> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof Error && 'status' in error)) throw error;
    const { message, status } = error;
    throw new HTTPException(status as ContentfulStatusCode, { message, cause: error });
  }
}

/** The hooks of the suite want a request that has a `url` as Node's has; the plugin gives them Hono's context. */
function withNodeRequest({ options }: ServerSetup): HonoTracingOptions | undefined {
  if (options === undefined) return undefined;
  const { requestHook, responseHook, spanName } = options;
  const request = (c: Context): unknown => (c as NodeContext).env.incoming;
  const hooks = {
    requestHook: (span: Span, c: Context) => requestHook?.(span, request(c)),
    responseHook: (span: Span, c: Context, response: ServerResponse) =>
      responseHook?.(span, request(c), response),
    spanName: (c: Context, name: string) => spanName?.(request(c), name),
  };
  const given = Object.entries(hooks).filter(([name]) => typeof Reflect.get(options, name) === 'function');
  return { ...options, ...Object.fromEntries(given) };
}

testHttpServer({
  name: 'hono 4',
  scope: { name: '@org/hono-plugin', version: '0.0.0' },
  start(setup) {
    const app: NodeHono = new Hono();
    const registered = Array.from({ length: setup.registrations }, () => honoTracing(withNodeRequest(setup)));
    for (const tracing of registered) app.use(tracing);
    return serve(application(setup, app), registered[0]);
  },
});
