import { createRequire } from 'node:module';

import {
  context,
  createContextKey,
  diag,
  DiagLogLevel,
  propagation,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import defaultExpress, * as namespace from 'express';
import { Router } from 'express';
import request from 'supertest';
import { describe, expect, onTestFinished, test } from 'vitest';

import { expressTracing, type ExpressModule } from '../src/index.ts';
import { expressServer, listenTo, plainServer } from './express-server.ts';
import { freshExpress, versions } from './express-versions.ts';
import { ok, pass } from './route-cases.ts';

test('the middleware can be required from CommonJS, initTracing with it', () => {
  const required = createRequire(import.meta.url)('@org/tracing-express') as Record<string, unknown>;
  expect(required['expressTracing']).toBeTypeOf('function');
  expect(required['initTracing']).toBeTypeOf('function');
});

test.each<[string, ExpressModule]>([
  ['default import', defaultExpress],
  ['namespace import', namespace],
  ['named import', { Router }],
  ['CommonJS require', createRequire(import.meta.url)('express') as ExpressModule],
])('the express option takes a %s', (_shape, express) => {
  expect(expressTracing({ express })).toBeTypeOf('function');
});

test.each([null, 'express', 42, {}, { default: {} }])(
  '%o as express is a TypeError that says so',
  (wrong) => {
    expect(() => expressTracing({ express: wrong as never })).toThrow(TypeError);
    expect(() => expressTracing({ express: wrong as never })).toThrow(
      /^express: expected the module, .*; got /,
    );
  },
);

test('a wrong value of layers is a TypeError', () => {
  expect(() => expressTracing({ layers: 'all' as never })).toThrow(
    /layers: expected true, false, or an object with ignore and hook; got 'all'/,
  );
});

for (const { version, express } of versions) {
  describe(`express ${version}`, () => {
    test('supertest works and traces', async () => {
      const { app, spans } = expressServer(express);
      app.get('/x/:id', (_request, response) => {
        response.json({ active: trace.getActiveSpan() !== undefined });
      });
      const response = await request(app).get('/x/1').expect(200);
      expect(response.body).toEqual({ active: true });
      await spans.settled();
      expect(spans.spans.map((span) => span.name)).toEqual(['GET /x/:id']);
    });

    test('a router in front of the middleware, which has one too, leads to a whole route in every request', async () => {
      const { app, spanOf } = plainServer(express);
      app.use('/front/:tenant', express.Router().use(expressTracing({ express })).get('/:id', ok));
      app.use(expressTracing({ express })).get('/:id', ok);
      for (const path of ['/7', '/front/acme/7', '/7', '/front/acme/7']) {
        expect((await spanOf(path)).name).toBe(path === '/7' ? 'GET /:id' : 'GET /front/:tenant/:id');
      }
    });

    test('an application whose first requests are excluded has whole routes and errors', async () => {
      const { app, get, spanOf } = expressServer(express, { express });
      app.param('wrong', (_request, _response, next) => next(new Error('broken')));
      app.get('/health', ok).get('/fails/:wrong', ok);
      app.use('/:tenant', express.Router().get('/:id', ok));
      for (const path of ['/health', '/health']) await get(path);
      expect((await spanOf('/acme/7')).name).toBe('GET /:tenant/:id');
      const { status, events } = await spanOf('/fails/7');
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
      expect(events).toHaveLength(1);
      expect((await spanOf('/no/such/path')).name).toBe('GET');
    });

    test('used twice, in a router and in a mounted application too, it makes one span', async () => {
      const { app, spanOf, spans } = expressServer(express);
      app.use(expressTracing());
      const inner = express();
      inner.use(expressTracing({ express }), expressTracing()).get('/:id', ok);
      app.use('/sub', express.Router().use(expressTracing()), inner);
      expect((await spanOf('/sub/7')).name).toBe('GET /sub/:id');
      await spans.settled();
      expect(spans.started).toBe(1);
    });

    test.each(['/', '/health'])('a context that was set between two uses of it stays: %s', async (path) => {
      const { app, get } = expressServer(express);
      const key = createContextKey('test');
      app.use((_request, _response, next) => context.with(context.active().setValue(key, 'kept'), next));
      app.use(expressTracing());
      app.get(path, (_request, response) => void response.send(context.active().getValue(key)));
      expect(await (await get(path)).text()).toBe('kept');
    });

    test('the span is active after bodies have been parsed, in nested routers and in error middleware', async () => {
      const { app, spanOf } = expressServer(express);
      const seen: Record<string, string | undefined> = {};
      const note = (place: string): void => {
        seen[place] = trace.getActiveSpan()?.spanContext().spanId;
      };
      app.use(express.json(), express.urlencoded({ extended: true }));
      app.use((incoming, _response, next) => {
        note(typeof incoming.body.a);
        next();
      });
      const router = express.Router().post('/', (_request, _response, next) => {
        note('router');
        setImmediate(() => next(new Error('broken')));
      });
      app.use(
        '/',
        router,
        (_error: unknown, _request: unknown, response: defaultExpress.Response, _next: unknown) => {
          note('error middleware');
          response.on('finish', () => note('finish'));
          response.status(500).end();
        },
      );
      const post = (type: string, body: string): RequestInit => ({
        method: 'POST',
        body,
        headers: { 'content-type': type },
      });
      const { spanId } = await spanOf('/', post('application/json', '{"a":1}'));
      const places = ['router', 'error middleware', 'finish'];
      expect(seen).toEqual(Object.fromEntries(['number', ...places].map((place) => [place, spanId])));
      const { spanId: other } = await spanOf('/', post('application/x-www-form-urlencoded', 'a=1'));
      expect(seen['string']).toBe(other);
    });

    test('baggage that a middleware sets is seen in later handlers (E14)', async () => {
      const { app, get } = expressServer(express);
      app.use((_request, _response, next) => {
        const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
        context.with(propagation.setBaggage(context.active(), baggage), next);
      });
      app.get('/', (_request, response) => {
        response.send(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
      });
      expect(await (await get('/')).text()).toBe('acme');
    });

    test("the client's address follows trust proxy", async () => {
      const { app, spanOf } = expressServer(express);
      app.set('trust proxy', true);
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      expect((await spanOf('/', { headers })).attributes['client.address']).toBe('203.0.113.9');
    });

    test('stacks and handlers are the ones of the application (E11)', async () => {
      const { app, get } = expressServer(express, { express });
      const handler = Object.assign(
        (_request: unknown, response: defaultExpress.Response) => void response.end(),
        {
          note: 'first',
        },
      );
      const router = express.Router();
      router.get('/', handler);
      const proxied = Object.setPrototypeOf(
        (...args: Parameters<typeof router>) => router(...args),
        router as object,
      ) as typeof router;
      app.use('/r', proxied);
      expect((await get('/r')).status).toBe(200);
      const [layer] = router.stack[0]!.route!.stack;
      expect(layer?.handle).toBe(handler);
      handler.note = 'second';
      expect(layer).toHaveProperty('handle.note', 'second');
      const { stack } = (app as unknown as Record<string, typeof router>)[
        version.startsWith('4') ? '_router' : 'router'
      ]!;
      expect(stack.at(-1)?.handle).toBe(proxied);
    });

    test('fifteen middlewares add no listeners to the response (E5)', async () => {
      const { app, get } = expressServer(express);
      const count =
        (): unknown => (_request: unknown, response: defaultExpress.Response, next: () => void) => {
          counts.push(response.listenerCount('close') + response.listenerCount('finish'));
          next();
        };
      const counts: number[] = [];
      app.use(count() as typeof pass);
      for (let index = 0; index < 15; index++) app.use((_request, _response, next) => next());
      app.use(count() as typeof pass, ok);
      await get('/');
      expect(counts[1]).toBe(counts[0]);
    });

    test('an application without the middleware is as before (E8)', async () => {
      expressTracing({ express });
      const { app, get, spans } = plainServer(express);
      app.use(
        '/a/:b',
        express.Router().get('/:c', (incoming, response) => void response.json(incoming.params)),
      );
      expect(await (await get('/a/1/2')).json()).toEqual({ c: '2' });
      expect(spans.started).toBe(0);
    });

    test('an excluded request answers as before, its routers untold', async () => {
      const { app, get, spans } = expressServer(express, { express, excludedUrls: '^/internal' });
      app.use(
        '/internal',
        express.Router().get('/:id', pass, (incoming, response) => void response.json(incoming.params)),
      );
      expect(await (await get('/internal/7')).json()).toEqual({ id: '7' });
      expect(spans.started).toBe(0);
    });

    test('the first requests of a process that come together have their routes', async () => {
      const fresh = freshExpress(version);
      const { app, spans, get } = plainServer(fresh);
      let waiting = 0;
      const arrived: (() => void)[] = [];
      // Both are in the router before either comes to our middleware.
      app.use((_request, _response, next) => {
        arrived.push(next);
        waiting += 1;
        if (waiting === 2) for (const goOn of arrived) goOn();
      });
      app.use(expressTracing(), pass).use('/a', fresh.Router().get('/:id', ok));
      await Promise.all([get('/a/1'), get('/a/2')]);
      await spans.waitForSpans(2);
      expect(spans.spans.map((span) => span.name)).toEqual(['GET /a/:id', 'GET /a/:id']);
    });
  });
}

test('a bare router without an application has its routes with the express option', async () => {
  const spans = collectSpans();
  onTestFinished(() => spans.close());
  const router = Router();
  router.use(expressTracing({ express: { Router } }));
  router.get('/bare/:id', (_request, response) => void response.end('ok'));
  const url = await listenTo((incoming, response) => {
    router(incoming as defaultExpress.Request, response as defaultExpress.Response, () => response.end());
  });
  await (await fetch(`${url}/bare/7`)).text();
  const [span] = await spans.waitForSpans(1);
  expect(span?.name).toBe('GET /bare/:id');
});

test('routers of an unknown make are left alone, with one warning (Y11)', () => {
  const warnings: string[] = [];
  const note = (message: string): unknown => warnings.push(message);
  diag.setLogger({ verbose: note, debug: note, info: note, warn: note, error: note }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  class FutureLayer {
    readonly run = 'by other means';
  }
  const stack: FutureLayer[] = [];
  const FutureRouter = (): object => ({ stack, use: () => stack.push(new FutureLayer()) });
  for (let times = 0; times < 2; times++) expressTracing({ express: { Router: FutureRouter } });
  expect(warnings).toEqual([
    'the routers of this version of Express are not known: spans have no route and no exception',
  ]);
  expect(Object.getOwnPropertyNames(FutureLayer.prototype)).toEqual(['constructor']);
});
