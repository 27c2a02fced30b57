import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
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

test('a layer that fails is marked, and Fastify answers as ever', async () => {
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
