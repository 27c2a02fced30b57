import type { ServerResponse } from 'node:http';

import type { Span } from '@opentelemetry/api';
import { describe, expect } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Route, ServerSetup } from './harness.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const users: Route = { method: 'GET', path: '/users/:id', handler: () => ({ body: 'ok' }) };

/** What an application may do with the span of a request: hooks, names. */
export function hookTests(check: Check): void {
  describe('hooks', () => {
    check(
      "requestHook and responseHook see the span, the framework's request and the response (Y5)",
      async (trial) => {
        const seen: unknown[] = [];
        const options: Options = {
          requestHook(span: Span, request: unknown) {
            seen.push(typeof request, (request as { url?: string }).url);
            span.setAttribute('app.tenant', 'blue');
          },
          responseHook(span: Span, request: unknown, response: ServerResponse) {
            seen.push((request as { url?: string }).url, response.statusCode);
            span.setAttribute('app.answered', true);
          },
        };
        const { url } = await trial.start({ options, routes: [users] });
        await send(`${url}/users/1`);
        const [span] = await trial.spans.waitForTrace({ spanCount: 1 });
        expect(seen).toEqual(['object', '/users/1', '/users/1', 200]);
        expect(span?.attributes).toMatchObject({ 'app.tenant': 'blue', 'app.answered': true });
      },
    );

    check(
      'hooks that throw or reject change nothing, and what they set before stays (K14, E19, F14, H3)',
      async (trial) => {
        const options: Options = {
          requestHook(span: Span) {
            span.setAttribute('app.before', 1);
            throw new Error('from the application');
          },
          responseHook: (): unknown => Promise.reject(new Error('from the application')),
          spanName() {
            throw new Error('from the application');
          },
        };
        const { url } = await trial.start({ options, routes: [users] });
        expect(await send(`${url}/users/1`)).toMatchObject({ status: 200, body: 'ok' });
        const [span] = await trial.spans.waitForTrace({ spanCount: 1 });
        expect(span).toMatchObject({ name: 'GET /users/:id', attributes: { 'app.before': 1 } });
      },
    );

    check('hooks are not called for what is not recorded', async (trial) => {
      const called: string[] = [];
      const options: Options = {
        requestHook: () => void called.push('request'),
        responseHook: () => void called.push('response'),
        spanName: () => void called.push('name'),
      };
      const { url, close } = await trial.start({ options, routes: [users] });
      await send(`${url}/users/1`, { headers: traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00') });
      await send(`${url}/health`);
      await close();
      expect(called).toEqual([]);
    });

    check('spanName renames a span, and undefined leaves its name (E19)', async (trial) => {
      const options: Options = {
        spanName: (_request, name) => (name === 'GET /users/:id' ? 'look up a user' : undefined),
      };
      const { url } = await trial.start({ options, routes: [users] });
      await send(`${url}/users/1`);
      await send(`${url}/nowhere`);
      const names = (await trial.spans.waitForSpans(2)).map(({ name }) => name);
      expect(names).toEqual(['look up a user', 'GET']);
    });
  });
}
