import { createServer } from 'node:http';

import { context, SpanKind, trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { describe, expect, onTestFinished } from 'vitest';

import { send } from './client.ts';
import { isCollected } from './garbage.ts';
import { listen, type Route } from './harness.ts';
import type { Check } from './trial.ts';

const users: Route = { method: 'GET', path: '/users/:id', handler: () => ({ body: 'ok' }) };

/** The ways in which tracing may be set up, or not. */
export function setUpTests(check: Check): void {
  describe('set-up', () => {
    check(
      'a plugin that was registered before initTracing works (F17)',
      async ({ start, initTracing, spans }) => {
        const { url } = await start({ routes: [users] });
        expect((await send(`${url}/users/1`)).status).toBe(200);
        initTracing();
        await send(`${url}/users/2`);
        const [span] = await spans.waitForTrace({ spanCount: 1 });
        expect(span).toMatchObject({ name: 'GET /users/:id', attributes: { 'url.path': '/users/2' } });
      },
      { tracing: false },
    );

    check(
      'it works under a provider that the application registered itself (F17)',
      async (trial) => {
        trial.useOwnProvider();
        const { url } = await trial.start({ routes: [users] });
        await send(`${url}/users/1`);
        await trial.spans.settled();
        expect(trial.spans.spans).toMatchTraceTree({ kind: 'SERVER', name: 'GET /users/:id' });
      },
      { tracing: false },
    );

    check(
      'without any SDK nothing breaks (F17, Y6)',
      async ({ start, spans }) => {
        const broken: Route = {
          method: 'GET',
          path: '/broken',
          handler: () => {
            throw new Error('no stock');
          },
        };
        const { url } = await start({ routes: [users, broken] });
        for (const [path, status] of [
          ['/users/1', 200],
          ['/broken', 500],
          ['/nowhere', 404],
          ['/health', 404],
        ]) {
          expect((await send(`${url}${path}`)).status).toBe(status);
        }
        expect(spans.started).toBe(0);
      },
      { tracing: false },
    );

    check('a plugin goes on when tracing is shut down and set up again (Y3)', async (trial) => {
      const { url } = await trial.start({ routes: [users] });
      await send(`${url}/users/1`);
      await trial.spans.settled();
      await trial.stopTracing();
      expect((await send(`${url}/users/2`)).status).toBe(200);
      trial.initTracing();
      await send(`${url}/users/3`);
      await trial.spans.settled();
      const paths = trial.spans.spans.map(({ attributes }) => attributes['url.path']);
      expect(paths).toEqual(['/users/1', '/users/3']);
    });

    check(
      'a SERVER span that somebody else has opened is the one there is, with our route (Y7)',
      async (trial) => {
        const server = await trial.start({ routes: [users] });
        const tracer = trace.getTracer('somebody else');
        const front = createServer((request, response) => {
          const span = tracer.startSpan('GET', { kind: SpanKind.SERVER });
          response.once('close', () => span.end());
          context.with(trace.setSpan(context.active(), span), () => server.handle(request, response));
        });
        const { url, close } = await listen(front);
        onTestFinished(close);
        await send(`${url}/users/1`);
        await trial.spans.settled();
        expect(trial.spans.spans).toMatchTraceTree({
          kind: 'SERVER',
          name: 'GET /users/:id',
          attributes: { 'http.route': '/users/:id', 'http.response.status_code': 200 },
        });
      },
    );

    check(
      'a closed application can be collected as garbage, as it can without us (Y8)',
      async ({ start }) => {
        const closedApplication = async (registrations: number): Promise<object> => {
          const handler: Route['handler'] = () => ({ body: 'ok' });
          const { url, close } = await start({ routes: [{ ...users, handler }], registrations });
          await send(`${url}/users/1`);
          await close();
          return handler;
        };
        const without = await isCollected(() => closedApplication(0));
        expect(await isCollected(() => closedApplication(1))).toBe(without);
      },
    );

    check(
      'a second registration makes no second span, and says once that it has no effect (X7, Y3)',
      async (trial) => {
        const { start, spans, warnings } = trial;
        const { url } = await start({ routes: [users], registrations: 2 });
        await send(`${url}/users/1`);
        await spans.settled();
        expect(spans.spans).toMatchTraceTree({ kind: 'SERVER', name: 'GET /users/:id' });
        await send(`${url}/users/2`);
        await spans.waitForSpans(2);
        expect(warnings).toEqual([
          expect.stringContaining(`${trial.scope.name} is registered for requests that an`),
        ]);
      },
    );
  });
}

/** Requests that come without a socket. */
export function injectTests(check: Check): void {
  describe('inject', () => {
    check('a request without a socket is traced, and its caller is its parent', async ({ start, spans }) => {
      const { inject } = await start({ routes: [users] });
      expect(await withSpan('test', () => inject?.('/users/1'))).toBe(200);
      await spans.settled();
      expect(spans.spans).toMatchTraceTree({
        name: 'test',
        children: [{ kind: 'SERVER', name: 'GET /users/:id' }],
      });
    });
  });
}
