import { createRequire } from 'node:module';
import { Readable } from 'node:stream';

import { bodyParser } from '@koa/bodyparser';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { collectSpans } from '@org/tracing-testing';
import Koa, { type Context } from 'koa';
import Koa2 from 'koa2';
import mount from 'koa-mount';
import request from 'supertest';
import { expect, onTestFinished, test } from 'vitest';

import { koaTracing } from '../src/index.ts';
import { koaServer, koaVersions } from './koa-server.ts';

test('the middleware can be required from CommonJS, initTracing with it', () => {
  const required = createRequire(import.meta.url)('@org/tracing-koa') as Record<string, unknown>;
  expect(required['koaTracing']).toBeTypeOf('function');
  expect(required['initTracing']).toBeTypeOf('function');
});

test('supertest works and traces', async () => {
  const { app, spans } = koaServer();
  app.use((context) => {
    context.body = { active: trace.getActiveSpan() !== undefined };
  });
  const response = await request(app.callback()).get('/x').expect(200);
  expect(response.body).toEqual({ active: true });
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET']);
});

test('the span is active after the body has been parsed', async () => {
  const { app, spans, get } = koaServer();
  app.use(bodyParser());
  app.use((context) => {
    context.body = { span: trace.getActiveSpan()?.spanContext().spanId, body: context.request.body };
  });
  const response = await get('/', {
    method: 'POST',
    body: JSON.stringify({ a: 1 }),
    headers: { 'content-type': 'application/json' },
  });
  const [span] = await spans.waitForSpans(1);
  expect(await response.json()).toEqual({ span: span?.spanId, body: { a: 1 } });
});

test('a promise of another kind than the runtime’s is answered too', async () => {
  /** As of a library for promises. */
  class OtherPromise {
    readonly #settled: Promise<unknown>;
    constructor(settled: Promise<unknown>) {
      this.#settled = settled;
    }
    then(...callbacks: Parameters<Promise<unknown>['then']>): OtherPromise {
      return new OtherPromise(this.#settled.then(...callbacks));
    }
    catch(failed: (error: unknown) => unknown): OtherPromise {
      return new OtherPromise(this.#settled.catch(failed));
    }
  }
  const answer = async (context: Context): Promise<void> => {
    context.body = 'answered';
  };
  const app = new Koa({
    compose: ([first]: Koa.Middleware[]) =>
      ((context: Context) => first?.(context, () => new OtherPromise(answer(context)) as never)) as never,
  } as ConstructorParameters<typeof Koa>[0]);
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  app.use(koaTracing());
  expect((await request(app.callback()).get('/x').expect(200)).text).toBe('answered');
  expect(await spans.waitForSpans(1)).toHaveLength(1);
});

test('an error reaches Koa’s error event as the same object and is recorded once', async () => {
  const { app, spans, get } = koaServer();
  const thrown = new Error('broken');
  const seen: unknown[] = [];
  app.on('error', (error) => seen.push(error));
  app.use(async () => {
    await Promise.resolve();
    throw thrown;
  });
  expect((await get('/')).status).toBe(500);
  expect(seen).toEqual([thrown]);
  const [span] = await spans.waitForSpans(1);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
  expect(span?.events).toHaveLength(1);
});

test('an error that a middleware answers, and tells the application of, is recorded once', async () => {
  const { app, spans, get } = koaServer();
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.status = 502;
      context.app.emit('error', error, context);
    }
  });
  app.use(() => {
    throw new Error('broken');
  });
  expect((await get('/')).status).toBe(502);
  const [span] = await spans.waitForSpans(1);
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
  expect(span?.events).toHaveLength(1);
});

test.each([
  ['a middleware', () => Promise.reject(new Error('broken'))],
  [
    'the body that is sent',
    async (context: Koa.Context) => {
      context.body = Readable.from(failingBody());
    },
  ],
])('the span is active where Koa tells the application of an error of %s', async (_where, fail) => {
  const { app, spans, get } = koaServer();
  const active = new Set<string | undefined>();
  app.on('error', () => active.add(trace.getActiveSpan()?.spanContext().spanId));
  app.use(fail);
  await get('/').catch(() => undefined);
  const [span] = await spans.waitForSpans(1);
  expect([...active]).toEqual([span?.spanId]);
});

test.each(Object.entries(koaVersions))('Koa %s tells of an error inside the span', async (_version, koa) => {
  const { app, spans, get } = koaServer({ koa });
  const active: (string | undefined)[] = [];
  app.on('error', () => active.push(trace.getActiveSpan()?.spanContext().spanId));
  app.use(() => Promise.reject(new Error('broken')));
  expect((await get('/')).status).toBe(500);
  const [span] = await spans.waitForSpans(1);
  expect(active).toEqual([span?.spanId]);
});

test('an error that a middleware in front answers, and tells nobody of, is recorded', async () => {
  await using spans = collectSpans();
  const app = new Koa();
  app.use(async (context, next) => {
    try {
      await next();
    } catch {
      context.status = 502;
    }
  });
  app.use(koaTracing());
  app.use(() => Promise.reject(new Error('broken')));
  await request(app.callback()).get('/').expect(502);
  await spans.settled();
  expect(spans.spans.map(({ status }) => status)).toEqual([
    { code: SpanStatusCode.ERROR, message: 'broken' },
  ]);
});

test.each(['replaceable', 'fixed'])(
  'an app.context.onerror of the application’s own, %s, answers',
  async (kind) => {
    const { app, spans, get } = koaServer();
    const isFixed = kind === 'fixed';
    const seen: unknown[] = [];
    Object.defineProperty(app.context, 'onerror', {
      configurable: !isFixed,
      value(this: Koa.Context, error?: unknown) {
        if (!error) return;
        seen.push(error, trace.getActiveSpan()?.spanContext().spanId);
        this.res.statusCode = 418;
        this.res.end();
      },
    });
    const thrown = new Error('broken');
    app.use(() => Promise.reject(thrown));
    expect((await get('/')).status).toBe(418);
    const [span] = await spans.waitForSpans(1);
    expect(seen).toEqual([thrown, isFixed ? undefined : span?.spanId]);
  },
);

async function* failingBody(): AsyncGenerator<string> {
  yield await Promise.reject(new Error('broken body'));
}

test('where an excluded request fails, what the error event does is not traced either (X4)', async () => {
  const { app, spans, get } = koaServer();
  app.on('error', () => withSpan('report', () => undefined));
  app.use(() => Promise.reject(new Error('broken')));
  expect((await get('/health')).status).toBe(500);
  expect(spans.started).toBe(0);
});

test('the span is active while the body is made that is sent as a web stream', async () => {
  const { app, spans, get } = koaServer();
  const active: (string | undefined)[] = [];
  app.use((context) => {
    context.body = new ReadableStream(
      {
        pull(controller) {
          active.push(trace.getActiveSpan()?.spanContext().spanId);
          controller.enqueue(Buffer.from('all of it'));
          controller.close();
        },
      },
      // Nothing is made before it is asked for.
      { highWaterMark: 0 },
    );
  });
  expect(await (await get('/')).text()).toBe('all of it');
  const [span] = await spans.waitForSpans(1);
  expect(active).toEqual([span?.spanId]);
});

test('in a mounted application the original path counts, for the span and for exclusion', async () => {
  await using spans = collectSpans();
  const app = new Koa();
  const inner = new Koa();
  inner.use(koaTracing({ excludedUrls: '^/api/internal, ^/users/9' }));
  inner.use((context) => {
    context.body = 'ok';
  });
  app.use(mount('/api', inner));
  for (const path of ['/api/users/7', '/api/internal/x', '/api/users/9?full=1']) {
    await request(app.callback()).get(path).expect(200);
  }
  await spans.settled();
  expect(spans.spans.map(({ attributes }) => attributes['url.path'])).toEqual([
    '/api/users/7',
    '/api/users/9',
  ]);
});

test('an error event without a request, and Koa’s own reporting of errors, stay as they are', async () => {
  const { app, spans, get } = koaServer();
  const seen: unknown[] = [];
  app.on('error', (error) => seen.push(error));
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/');
  const loose = new Error('of no request');
  app.emit('error', loose);
  expect(seen).toEqual([loose]);
  const [span] = await spans.waitForSpans(1);
  expect(span?.events).toEqual([]);
});

test('ctx.throw of a 4xx leaves the span unset', async () => {
  const { app, spans, get } = koaServer();
  app.use((context) => context.throw(403, 'not you'));
  expect((await get('/')).status).toBe(403);
  const [span] = await spans.waitForSpans(1);
  expect([span?.status.code, span?.events.length, span?.attributes['error.type']]).toEqual([
    SpanStatusCode.UNSET,
    0,
    undefined,
  ]);
});

test('the client’s address follows the application’s proxy setting', async () => {
  const { app, spans, get } = koaServer();
  app.proxy = true;
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/', { headers: { 'x-forwarded-for': '203.0.113.9' } });
  const [span] = await spans.waitForSpans(1);
  expect(span?.attributes['client.address']).toBe('203.0.113.9');
});

test.each(['request', 'context'] as const)(
  'the client’s address is the ctx.ip that an application has given its app.%s',
  async (place) => {
    const { app, spans, get } = koaServer();
    Object.defineProperty(app[place], 'ip', { get: () => '203.0.113.9' });
    app.use((context) => {
      context.body = 'ok';
    });
    await get('/');
    const [span] = await spans.waitForSpans(1);
    expect(span?.attributes['client.address']).toBe('203.0.113.9');
  },
);

test('used twice, the middleware makes one span (X7)', async () => {
  const { app, spans, get } = koaServer();
  app.use(koaTracing());
  app.use((context) => {
    context.body = 'ok';
  });
  await get('/');
  await spans.settled();
  expect(spans.started).toBe(1);
});

test('Koa 2 is traced the same', async () => {
  await using spans = collectSpans();
  const app = new Koa2();
  app.use(koaTracing());
  app.use((context) => {
    context.body = 'ok';
  });
  await request(app.callback()).get('/x').expect(200, 'ok');
  await spans.settled();
  expect(spans.spans.map((span) => span.name)).toEqual(['GET']);
});
