import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';

import { SpanStatusCode, trace } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import Koa, { type Context } from 'koa';
import { expect, onTestFinished, test } from 'vitest';

import { koaTracing, type KoaTracingOptions } from '../src/index.ts';
import { koaServer, koaVersions } from './koa-server.ts';

// The first request of an application is opened by the middleware, later ones around Koa's own handling of them.
const versions = Object.entries(koaVersions);

test.each(versions)(
  'Koa %s: the error of every request is recorded once, inside its span',
  async (_, koa) => {
    const { app, spans, get } = koaServer({ koa });
    const active: (string | undefined)[] = [];
    app.on('error', () => active.push(trace.getActiveSpan()?.spanContext().spanId));
    app.use(() => Promise.reject(new Error('broken')));
    for (const count of [1, 2, 3]) {
      expect((await get('/')).status).toBe(500);
      await spans.waitForSpans(count);
    }
    expect(active).toEqual(spans.spans.map(({ spanId }) => spanId));
    for (const { status, events } of spans.spans) {
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
      expect(events).toHaveLength(1);
    }
  },
);

test.each(versions)('Koa %s: the span is active while the body of every request is made', async (_, koa) => {
  const { app, spans, get } = koaServer({ koa, excludedUrls: '^/excluded' });
  app.use((context) => {
    context.body = Readable.from(activeSpans());
  });
  const bodies: string[] = [];
  for (const count of [1, 2, 3]) {
    bodies.push(await (await get('/')).text());
    await spans.waitForSpans(count);
  }
  expect(bodies).toEqual(spans.spans.map(({ spanId }) => spanId));
  expect(await (await get('/excluded')).text()).toBe('none');
});

async function* activeSpans(): AsyncGenerator<string> {
  yield await Promise.resolve(trace.getActiveSpan()?.spanContext().spanId ?? 'none');
}

test('an error that a request answers by an onerror of its own, and tells nobody of, is recorded', async () => {
  const { app, spans, get } = koaServer();
  app.use((context) => {
    const answer = (error: Error | null): void => {
      if (error) context.res.writeHead(502).end();
    };
    Object.assign(context, { onerror: answer });
    throw new Error('broken');
  });
  for (const count of [1, 2, 3]) {
    expect((await get('/')).status).toBe(502);
    await spans.waitForSpans(count);
  }
  const status = { code: SpanStatusCode.ERROR, message: 'broken' };
  expect(spans.spans.map((span) => span.status)).toEqual([status, status, status]);
});

test('a promise that the application answers all requests by stays as it is', async () => {
  const { app, spans, get } = koaServer();
  const shared = Promise.reject(new Error('broken'));
  shared.catch(() => undefined);
  app.use(() => shared);
  for (const count of [1, 2, 3]) {
    expect((await get('/')).status).toBe(500);
    await spans.waitForSpans(count);
  }
  expect(Object.getOwnPropertyNames(shared)).toEqual([]);
  expect(spans.spans.map(({ events }) => events.length)).toEqual([1, 1, 1]);
});

test('a middleware in front is outside of the span, in every request', async () => {
  await using spans = collectSpans();
  const app = new Koa();
  const active: unknown[] = [];
  app.use((context, next) => {
    active.push(trace.getActiveSpan());
    return context.path === '/answered' ? undefined : next();
  });
  app.use(koaTracing());
  const ask = await listening(app);
  for (const path of ['/', '/', '/answered']) await ask(path);
  await spans.settled();
  expect(active).toEqual([undefined, undefined, undefined]);
  expect(spans.spans).toHaveLength(2);
});

test('an application that handles its requests by a method of its own is traced, in every request', async () => {
  class OwnKoa extends Koa {
    readonly handled: string[] = [];
    handleRequest(context: Context, middleware: (context: Context) => Promise<void>): Promise<void> {
      this.handled.push(context.path);
      return middleware(context)
        .catch(() => undefined)
        .finally(() => void context.res.end('mine'));
    }
  }
  await using spans = collectSpans();
  const app = new OwnKoa();
  app.use(koaTracing()).use(() => Promise.reject(new Error('broken')));
  const ask = await listening(app);
  expect([await ask('/1'), await ask('/2')]).toEqual(['mine', 'mine']);
  await spans.settled();
  expect(app.handled).toEqual(['/1', '/2']);
  expect(spans.spans).toHaveLength(2);
});

test.each<[string, KoaTracingOptions]>([
  ['sampled', {}],
  ['excluded', { excludedUrls: '/' }],
])('a request that is %s makes as many promises as one that is not traced', async (_, options) => {
  await using spans = collectSpans();
  const traced = new Koa().use(koaTracing(options));
  const own = await promisesOf(traced);
  expect(own).toBe(await promisesOf(new Koa().use((_context, next) => next())));
  expect(spans.spans.length > 0).toBe(options.excludedUrls === undefined);
});

/** Promises that an application makes for a request; the one who asks makes none. */
async function promisesOf(app: Koa): Promise<number> {
  app.use((context) => {
    context.body = 'answered';
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let made = 0;
  const hook = createHook({ init: (_id, type) => void (made += type === 'PROMISE' ? 1 : 0) });
  onTestFinished(() => void hook.disable());
  const count = 100;
  await new Promise<void>((done) => {
    let asked = 0;
    const ask = (): void => {
      // After the first ones, which the middleware opens.
      if (asked === 10) hook.enable();
      if (asked++ === 10 + count) done();
      else socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    };
    socket.on('data', ask);
    ask();
  });
  hook.disable();
  socket.destroy();
  server.close();
  return Math.round(made / count);
}

/** Asks for a path, and gives the body. */
async function listening(app: Koa): Promise<(path: string) => Promise<string>> {
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
}
