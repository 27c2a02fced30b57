import { once } from 'node:events';

import { context, propagation, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type LayerOptions, withSpan } from '@org/tracing-core';
import { type ExpectedSpan, traceMatchers } from '@org/tracing-testing/vitest';
import type { NextFunction, Request, Response } from 'express';
import { describe, expect, test } from 'vitest';

import { expressTracing } from '../src/index.ts';
import { expressServer, plainServer } from './express-server.ts';
import { versions } from './express-versions.ts';

expect.extend(traceMatchers);

function auth(_request: Request, _response: Response, next: NextFunction): void {
  next();
}

function load(_request: Request, _response: Response, next: NextFunction): void {
  setImmediate(next);
}

function answer(_request: Request, response: Response): void {
  response.send('ok');
}

const layer = (type: string, name: string, route?: string): ExpectedSpan => ({
  name: `${type.replace('_', ' ')} - ${name}`,
  kind: 'INTERNAL',
  attributes: { 'express.type': type, 'express.name': name, 'http.route': route },
});

for (const { version, express } of versions) {
  describe(`express ${version} with layers`, () => {
    test('each middleware, router and route has a span, INTERNAL, below the SERVER span (E2, E3, E16)', async () => {
      const { app, spans, get } = expressServer(express, { express, layers: true });
      app.use(auth);
      const posts = express.Router();
      posts.use(load);
      posts.get('/:postId', auth, async (_request, response) => {
        await withSpan('own', async () => undefined);
        response.send('ok');
      });
      app.use('/users/:id', posts);
      app.use(answer);
      expect(await (await get('/users/7/8')).text()).toBe('ok');
      expect(await spans.waitForTrace({ spanCount: 6 })).toMatchTraceTree({
        name: 'GET /users/:id/:postId',
        kind: 'SERVER',
        children: [
          layer('middleware', 'auth'),
          {
            ...layer('router', '/users/:id', '/users/:id'),
            children: [
              layer('middleware', 'load', '/users/:id'),
              {
                ...layer('request_handler', '/users/:id/:postId', '/users/:id/:postId'),
                children: [{ name: 'own' }],
              },
            ],
          },
        ],
      });
      await spans.settled();
      const { attributes } = spans.spans.find(({ name }) => name === 'middleware - auth')!;
      expect(attributes).toEqual({ 'express.type': 'middleware', 'express.name': 'auth' });
    });

    test('they end when next is called, and otherwise with the response, before the SERVER span', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      app.use(auth).use(answer);
      await get('/');
      await spans.waitForTrace({ spanCount: 3 });
      expect(spans.spans.map((span) => span.name)).toEqual([
        'middleware - auth',
        'middleware - answer',
        'GET',
      ]);
    });

    test('and when the client leaves (E12)', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      const leave = new AbortController();
      app.get('/slow', (_request, response) => {
        leave.abort();
        void once(response, 'close').then(() => response.end());
      });
      await expect(get('/slow', { signal: leave.signal })).rejects.toThrow('aborted');
      await spans.waitForTrace({ spanCount: 2 });
      expect(spans.spans.map((span) => span.name)).toEqual(['request handler - /slow', 'GET /slow']);
    });

    test('a layer that begins when the client has left has no span, since nothing would end it', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      const leave = new AbortController();
      app.use(function waits(_request, response, next) {
        leave.abort();
        response.once('close', () => next());
      });
      const begun = new Promise<void>((resolve) => app.get('/', () => resolve()));
      await expect(get('/', { signal: leave.signal })).rejects.toThrow('aborted');
      await begun;
      await spans.settled();
      expect(spans.spans.map((span) => span.name)).toEqual(['middleware - waits', 'GET /']);
    });

    test('an error is told by the innermost layer and marks those around it (E6, E7)', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      app.use(auth);
      app.use(
        '/a',
        express.Router().get('/b', (_request, _response, next) => {
          setImmediate(() => next(new Error('broken')));
        }),
      );
      app.use(function sorry(_error: unknown, _request: unknown, response: Response, _next: unknown) {
        response.status(500).send('sorry');
      });
      await get('/a/b');
      await spans.waitForTrace({ spanCount: 5 });
      const failed = { code: SpanStatusCode.ERROR, message: 'broken' };
      const unset = { code: SpanStatusCode.UNSET };
      expect(
        Object.fromEntries(spans.spans.map(({ name, status, events }) => [name, [status, events.length]])),
      ).toEqual({
        'middleware - auth': [unset, 0],
        'request handler - /a/b': [failed, 1],
        'router - /a': [failed, 0],
        'middleware - sorry': [unset, 0],
        'GET /a/b': [failed, 1],
      });
    });

    test('middleware that answers by itself, at once or later, has a span, and nothing comes after it (E4)', async () => {
      for (const later of [false, true]) {
        const { app, spans, get } = expressServer(express, { layers: true });
        app.use(auth, function gate(_request: Request, response: Response) {
          if (later) setImmediate(() => response.status(202).send('gate'));
          else response.status(202).send('gate');
        });
        app.get('/', answer);
        const response = await get('/');
        expect([response.status, await response.text()]).toEqual([202, 'gate']);
        expect(await spans.waitForTrace({ spanCount: 3 })).toMatchTraceTree({
          name: 'GET',
          children: [layer('middleware', 'auth'), layer('middleware', 'gate')],
        });
        await spans.close();
      }
    });

    test.each<[string, LayerOptions['ignore'], string[]]>([
      ['a type', 'middleware', ['router - /users/:id', 'request handler - /users/:id/:post']],
      ['two types', ['middleware', 'router'], ['request handler - /users/:id/:post']],
      [
        'a name, and one of a path',
        ['auth', '/users/:id'],
        ['middleware - load', 'request handler - /users/:id/:post'],
      ],
      ['expressions', [/^(auth|load)$/, /:post/g], ['router - /users/:id']],
      [
        'what a function says',
        ({ type, path }) => type === 'middleware' && path === undefined,
        ['router - /users/:id', 'middleware - load', 'request handler - /users/:id/:post'],
      ],
    ])(
      'layers that are ignored have no spans, and the route stays: %s (E18, E20)',
      async (_what, ignore, names) => {
        const { app, spans, get } = expressServer(express, { express, layers: { ignore: ignore as [] } });
        app.use(auth).use('/users/:id', express.Router().use(load).get('/:post', answer));
        for (const path of ['/users/7/8', '/users/9/9']) expect((await get(path)).status).toBe(200);
        await spans.settled();
        const of = (kind: SpanKind) =>
          spans.spans.filter((span) => span.kind === kind).map(({ name }) => name);
        expect(of(SpanKind.SERVER)).toEqual(['GET /users/:id/:post', 'GET /users/:id/:post']);
        expect(new Set(of(SpanKind.INTERNAL))).toEqual(new Set(names));
      },
    );

    test('what is below an ignored layer belongs to the span around', async () => {
      const { app, spans, get } = expressServer(express, { express, layers: { ignore: 'router' } });
      app.use('/users', express.Router().get('/:id', answer));
      await get('/users/7');
      expect(await spans.waitForTrace({ spanCount: 2 })).toMatchTraceTree({
        name: 'GET /users/:id',
        children: [layer('request_handler', '/users/:id', '/users/:id')],
      });
    });

    test('layers.hook may rename a span and add to it; one that throws changes nothing (E19)', async () => {
      const told: unknown[] = [];
      const { app, spans, get } = expressServer(express, {
        express,
        layers: {
          hook(span, each, request) {
            told.push([each, request.method]);
            if (each.type === 'middleware') throw new Error('of the hook');
            span.setAttribute('tenant', 'acme').updateName(`step ${each.name}`);
          },
        },
      });
      app.use(auth).get('/users/:id', answer);
      expect(await (await get('/users/7')).text()).toBe('ok');
      await spans.settled();
      const path = '/users/:id';
      expect(told).toEqual([
        [{ type: 'middleware', name: 'auth' }, 'GET'],
        [{ type: 'request_handler', name: path, path }, 'GET'],
      ]);
      expect(spans.spans.map(({ name, attributes }) => [name, attributes['tenant']])).toEqual([
        ['middleware - auth', undefined],
        ['step /users/:id', 'acme'],
        ['GET /users/:id', undefined],
      ]);
    });

    test('routes that are added later are layers too, our own middleware is none', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      await get('/');
      app.use(expressTracing({ layers: true }), auth).get('/late', answer);
      spans.reset();
      await get('/late');
      expect(await spans.waitForTrace({ spanCount: 3 })).toMatchTraceTree({
        name: 'GET /late',
        children: [layer('middleware', 'auth'), layer('request_handler', '/late', '/late')],
      });
    });

    test('a mounted application is a router, and the routers of its own are below it', async () => {
      const { app, spans, get } = expressServer(express, { express, layers: true });
      const inner = express();
      inner.use(express.Router().get('/:id', answer));
      app.use('/sub', inner);
      await get('/sub/7');
      // Express 4 has middleware of its own in every application.
      const own = version.startsWith('4')
        ? [layer('middleware', 'query', '/sub'), layer('middleware', 'expressInit', '/sub')]
        : [];
      expect(await spans.waitForTrace({ spanCount: 4 + own.length })).toMatchTraceTree({
        name: 'GET /sub/:id',
        children: [
          {
            ...layer('router', '/sub', '/sub'),
            children: [
              ...own,
              {
                ...layer('router', '/sub', '/sub'),
                children: [layer('request_handler', '/sub/:id', '/sub/:id')],
              },
            ],
          },
        ],
      });
    });

    test('what a middleware puts into the context is seen by the layers after it (E14)', async () => {
      const { app, get } = expressServer(express, { layers: true });
      app.use((_request, _response, next) => {
        const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
        context.with(propagation.setBaggage(context.active(), baggage), next);
      });
      app.get('/', (_request, response) => {
        response.send(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
      });
      expect(await (await get('/')).text()).toBe('acme');
    });

    test('layers inside a span of the application are its children', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      app.use((_request, response, next) => {
        void withSpan('around', async () => {
          const closed = once(response, 'close');
          next();
          await closed;
        });
      });
      app.get('/', answer);
      await get('/');
      expect(await spans.waitForTrace({ spanCount: 4 })).toMatchTraceTree({
        name: 'GET /',
        children: [
          {
            name: 'middleware - <anonymous>',
            children: [{ name: 'around', children: [layer('request_handler', '/', '/')] }],
          },
        ],
      });
    });

    test('one pair of listeners on the response, however many the layers (E5)', async () => {
      const { app, get } = expressServer(express, { layers: true });
      const counts: number[] = [];
      app.use((_request, response, next) => {
        counts.push(response.listenerCount('close') + response.listenerCount('finish'));
        next();
      });
      for (let index = 0; index < 15; index++) app.use((_request, _response, next) => next());
      app.get('/', (_request, response) => {
        counts.push(response.listenerCount('close') + response.listenerCount('finish'));
        response.end();
      });
      await get('/');
      expect(counts[1]).toBe(counts[0]);
    });

    test('without the option there is the SERVER span and nothing else', async () => {
      const { app, spans, get } = expressServer(express);
      app.use(auth).use(load).get('/', answer);
      await get('/');
      await spans.settled();
      expect(spans.spans.map((span) => span.name)).toEqual(['GET /']);
    });

    test('an excluded request has no layers', async () => {
      const { app, spans, get } = expressServer(express, { layers: true });
      app.use(auth).get('/health', answer);
      expect((await get('/health')).status).toBe(200);
      expect(spans.started).toBe(0);
    });

    test('nor has an application that did not ask for them', async () => {
      expressTracing({ express, layers: true });
      const { app, spans, get } = plainServer(express);
      app.use(expressTracing()).use(auth).get('/', answer);
      await get('/');
      await spans.settled();
      expect(spans.spans.map((span) => span.name)).toEqual(['GET /']);
    });
  });
}
