import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { LayerOptions, SpanRecord } from '@org/tracing-core';
import { withSpan } from '@org/tracing-core';
import { expect, test } from 'vitest';

import { fastifyServer } from './fastify-server.ts';

/** The spans below the SERVER span, each with the name of its parent, parents before children. */
function layersOf(spans: readonly SpanRecord[]): [string, string][] {
  const below = (parent: SpanRecord): [string, string][] =>
    spans
      .filter((span) => span.parentSpanId === parent.spanId)
      .flatMap((span) => [[span.name, parent.name], ...below(span)]);
  return spans.filter((span) => span.kind === SpanKind.SERVER).flatMap(below);
}

test('without layers there is the SERVER span and nothing else', async () => {
  const { app, spans, get } = await fastifyServer();
  app.addHook('preHandler', async () => undefined);
  app.get('/', async () => 'ok');
  await get('/');
  await spans.settled();
  expect(spans.started).toBe(1);
});

test('with layers each hook and handler has a span of its own below the SERVER span (F7)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.addHook('onRequest', function early(_request, _reply, done) {
    done();
  });
  app.addHook('preHandler', async function authorise() {
    await withSpan('own', async () => undefined);
  });
  app.get(
    '/users/:id',
    { preValidation: [async function first() {}, async function second() {}], onSend: async () => undefined },
    async function user() {
      return 'ok';
    },
  );
  expect(await (await get('/users/7')).text()).toBe('ok');
  await spans.settled();
  const server = 'GET /users/:id';
  expect(layersOf(spans.spans)).toEqual(
    [
      ['hook - onRequest - early', server],
      ['hook - preValidation - first', server],
      ['hook - preValidation - second', server],
      ['own', 'hook - preHandler - authorise'],
      ['hook - preHandler - authorise', server],
      ['handler - user', server],
      ['hook - onSend - onSend', server],
    ].toSorted((a, b) => order(spans.spans, a[0]) - order(spans.spans, b[0])),
  );
  const handler = spans.spans.find((span) => span.name === 'handler - user');
  expect(handler?.kind).toBe(SpanKind.INTERNAL);
  expect(handler?.attributes).toEqual({
    'fastify.type': 'handler',
    'fastify.name': 'user',
    'http.route': '/users/:id',
  });
});

function order(spans: readonly SpanRecord[], name: string | undefined): number {
  return layersOf(spans).findIndex(([layer]) => layer === name);
}

test('the hooks of the application itself are no layers (F7)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  const ran: string[] = [];
  for (const hook of ['onReady', 'onRegister', 'onRoute', 'onListen', 'preClose', 'onClose'] as const) {
    app.addHook(hook as 'onReady', (...args: unknown[]) => {
      ran.push(hook);
      const done = args.at(-1);
      if (typeof done === 'function' && hook !== 'onRoute' && hook !== 'onRegister') done();
    });
  }
  await app.register(async (scope) => void scope.get('/', async () => 'ok'));
  await get('/');
  await app.close();
  await spans.settled();
  expect(new Set(ran)).toEqual(
    new Set(['onReady', 'onRegister', 'onRoute', 'onListen', 'preClose', 'onClose']),
  );
  expect(layersOf(spans.spans)).toEqual([['handler - anonymous', 'GET /']]);
});

test('hooks of a scope are layers of its routes alone (F11)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  await app.register(async (scope) => {
    scope.addHook('preHandler', async function inside() {});
    scope.get('/in', async () => 'ok');
  });
  app.get('/out', async () => 'ok');
  await get('/out');
  await get('/in');
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([
    ['handler - anonymous', 'GET /out'],
    ['hook - preHandler - inside', 'GET /in'],
    ['handler - anonymous', 'GET /in'],
  ]);
});

test('a caller’s span, the SERVER span and the layers are one trace (F5)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.get('/users/:id', async function user() {
    return 'ok';
  });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await get('/users/7', { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
  await spans.settled();
  expect(spans.spans.map((span) => [span.name, span.traceId, span.parentSpanId])).toEqual([
    ['handler - user', traceId, spans.spans[1]?.spanId],
    ['GET /users/:id', traceId, 'b7ad6b7169203331'],
  ]);
});

test('a hook ends when it calls done, before what follows (F18)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  let endedBefore = -1;
  app.addHook('preHandler', function first(_request, _reply, done) {
    setImmediate(done);
  });
  app.get('/', async () => {
    endedBefore = spans.ended;
    return 'ok';
  });
  await get('/');
  expect(endedBefore).toBe(1);
  await spans.settled();
});

test('a hook that answers ends with the response (F18)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.addHook('preHandler', function gate(_request, reply, _done) {
    reply.code(401).send('no');
  });
  app.get('/', async () => 'ok');
  expect((await get('/')).status).toBe(401);
  await spans.settled();
  expect(layersOf(spans.spans)).toEqual([['hook - preHandler - gate', 'GET /']]);
});

test('a handler with reply.send ends with the response', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.get('/', (_request, reply) => {
    setImmediate(() => void reply.send('late'));
  });
  expect(await (await get('/')).text()).toBe('late');
  await spans.settled();
  expect(spans.started).toBe(2);
});

test('what follows a hook’s callback is no child of the hook', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.addHook('onRequest', (_request, _reply, done) => {
    setImmediate(done);
  });
  app.get('/', async () => trace.getActiveSpan()?.isRecording());
  await get('/');
  await spans.settled();
  expect(layersOf(spans.spans).map(([, parent]) => parent)).toEqual(['GET /', 'GET /']);
});

test('a layer that fails is marked, and Fastify answers as ever (F8)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.addHook('preHandler', (request, _reply, done) => {
    done(request.url === '/hook' ? new Error('from the hook') : undefined);
  });
  app.get('/hook', async () => 'ok');
  app.get('/handler', async function broken() {
    throw new Error('from the handler');
  });
  expect([(await get('/hook')).status, (await get('/handler')).status]).toEqual([500, 500]);
  await spans.settled();
  const failed = spans.spans.filter((span) => span.status.code === SpanStatusCode.ERROR);
  expect(failed.map((span) => [span.name, span.status.message])).toEqual([
    ['hook - preHandler - anonymous', 'from the hook'],
    ['GET /hook', 'from the hook'],
    ['handler - broken', 'from the handler'],
    ['GET /handler', 'from the handler'],
  ]);
});

test('addHook gives back the instance (F12) and still refuses an async hook with a callback', async () => {
  const { app } = await fastifyServer({ layers: true });
  expect(app.addHook('onSend', async (_request, _reply, payload) => payload)).toBe(app);
  expect(() =>
    app.addHook(
      'onRequest',
      (async (_request: unknown, _reply: unknown, _done: unknown) => undefined) as never,
    ),
  ).toThrow('Async function has too many arguments');
});

test('an excluded request has no layer spans (F2, X4)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.get('/health', async () => 'ok');
  expect(await (await get('/health')).text()).toBe('ok');
  expect(spans.started).toBe(0);
});

test('a handler that gets no request is called as it is (F10)', async () => {
  const { app, spans } = await fastifyServer({ layers: true });
  const calls: unknown[][] = [];
  let traced: ((...args: unknown[]) => unknown) | undefined;
  app.addHook('onRoute', (route) => {
    traced = route.handler as unknown as typeof traced;
  });
  app.get('/', ((...args: unknown[]) => calls.push(args)) as never);
  traced?.('socket', 'request');
  traced?.();
  expect(calls).toEqual([['socket', 'request'], []]);
  expect(spans.started).toBe(0);
});

test('however many layers wait, the response has one listener of ours, and what a callback hook returns means nothing', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  let endedInHook = 0;
  for (let count = 0; count < 15; count++) {
    app.addHook('onRequest', (_request, _reply, done) =>
      setImmediate(() => {
        endedInHook = spans.ended - count;
        done();
      }),
    );
  }
  app.get('/', async (_request, reply) => reply.raw.listenerCount('close'));
  expect(Number(await (await get('/')).text())).toBeLessThan(3);
  expect(endedInHook).toBe(0);
  await spans.settled();
});

test('a handler that never settles ends its span when the client has left', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  const leave = new AbortController();
  app.get('/', async () => {
    leave.abort();
    return new Promise(() => undefined);
  });
  await expect(get('/', { signal: leave.signal })).rejects.toThrow('aborted');
  await spans.waitForSpans(2);
  await spans.settled();
  expect(spans.ended).toBe(2);
});

test('a handler that another onRoute hook puts in place of the route’s is the one that runs (F10)', async () => {
  const { app, spans, get } = await fastifyServer({ layers: true });
  app.addHook('onRoute', (route) => {
    route.handler = async () => 'another';
  });
  app.get('/', async () => 'ok');
  expect(await (await get('/')).text()).toBe('another');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET /']);
});

const handler = 'handler - user';
const all = ['hook - onRequest - early', 'hook - preValidation - check', handler, 'hook - onSend - stamp'];

test.each<[string, LayerOptions['ignore'], string[]]>([
  ['nothing', [], all],
  ['every hook', 'hook', [handler]],
  ['some hooks', ['onRequest', 'onSend'], ['hook - preValidation - check', handler]],
  ['a name', /^(early|user)$/, ['hook - preValidation - check', 'hook - onSend - stamp']],
  ['a list of hooks aside', ({ hook }) => hook !== undefined && hook !== 'onSend', all.slice(2)],
  ['those of a route', ({ path }) => path === '/users/:id', []],
  ['those of another route', ({ path }) => path === '/other', all],
])('layers that are ignored have no spans and keep their route: %s (F16)', async (_what, ignore, names) => {
  const { app, spans, get } = await fastifyServer({ layers: { ignore: ignore as [] } });
  app.addHook('onRequest', async function early() {});
  const hooks = { preValidation: async function check() {}, onSend: async function stamp() {} };
  app.get('/users/:id', hooks, async function user() {
    return 'ok';
  });
  expect(await (await get('/users/7')).text()).toBe('ok');
  await spans.settled();
  const below = spans.spans.filter((span) => span.kind === SpanKind.INTERNAL);
  expect(new Set(below.map((span) => span.name))).toEqual(new Set(names));
  const server = spans.spans.find((span) => span.kind === SpanKind.SERVER);
  expect(server?.attributes['http.route']).toBe('/users/:id');
});

test.each([
  [
    { ignore: 7 },
    'layers.ignore: expected a string, a RegExp, a function, or an array of these; got 7 (number)',
  ],
  [{ hook: true }, 'layers.hook: expected a function; got true (boolean)'],
])('%j fails the registration (F3, F16)', async (layers, message) => {
  await expect(async () => fastifyServer({ layers: layers as never })).rejects.toThrow(
    new TypeError(message),
  );
});

test('layers.hook may change the span of a layer; what it throws changes nothing (F14)', async () => {
  const told: unknown[] = [];
  const { app, spans, get } = await fastifyServer({
    layers: {
      hook(span, layer, request) {
        told.push([layer, request.url]);
        span.setAttribute('tenant', 'acme').updateName(`step ${layer.name}`);
        throw new Error('of the hook');
      },
    },
  });
  app.addHook('onRequest', async function early() {});
  app.get('/users/:id', async function user() {
    return 'ok';
  });
  expect(await (await get('/users/7')).text()).toBe('ok');
  await spans.settled();
  const path = '/users/:id';
  expect(told).toEqual([
    [{ type: 'hook', name: 'early', hook: 'onRequest', path }, '/users/7'],
    [{ type: 'handler', name: 'user', path }, '/users/7'],
  ]);
  expect(spans.spans.map((span) => [span.name, span.attributes['tenant']])).toEqual([
    ['step early', 'acme'],
    ['step user', 'acme'],
    ['GET /users/:id', undefined],
  ]);
});
