import { describe, expect, onTestFinished } from 'vitest';

import { send } from './client.ts';
import type { Exchange, Reply, Route, ServerSetup } from './harness.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const users: Route = { method: 'GET', path: '/users/:id', handler: () => ({ body: 'ok' }) };

/** Sets a variable of the environment for one test. */
function environment(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => {
    delete process.env[name];
  });
}

/** Which headers of a request and its answer become attributes. */
export function capturedHeaderTests(check: Check): void {
  describe('captured headers', () => {
    const answer = ({ response }: Exchange): Reply => {
      response.setHeader('X-Reply', ['one', 'two']);
      response.setHeader('Set-Cookie', 'session=1');
      return { body: 'ok' };
    };
    const routes: Route[] = [{ ...users, handler: answer }];
    const headers = {
      'X-Tenant': 'blue',
      'X-Empty': '',
      Authorization: 'Bearer secret',
      Accept: 'text/plain',
    };

    check('no header is recorded without a list', async ({ start, spans }) => {
      const { url } = await start({ routes });
      await send(`${url}/users/1`, { headers });
      const [span] = await spans.waitForTrace();
      expect(Object.keys(span?.attributes ?? {}).filter((key) => key.includes('header'))).toEqual([]);
    });

    check(
      'those that are listed, by name or expression, as lists of their values; credentials redacted (Y9)',
      async ({ start, spans }) => {
        const captureHeaders: Options['captureHeaders'] = {
          request: ['ACCEPT', 'authorization', 'x-absent', /^x-/g],
          response: ['x-reply', 'set-cookie', 'content-length', 'x-absent'],
        };
        const { url } = await start({ routes, options: { captureHeaders } });
        for (const id of [1, 2]) await send(`${url}/users/${id}`, { headers });
        for (const { attributes } of await spans.waitForSpans(2)) {
          const captured = Object.entries(attributes).filter(([key]) => key.includes('.header.'));
          expect(Object.fromEntries(captured)).toEqual({
            'http.request.header.x-tenant': ['blue'],
            'http.request.header.x-empty': [''],
            'http.request.header.authorization': ['[REDACTED]'],
            'http.request.header.accept': ['text/plain'],
            'http.response.header.x-reply': ['one', 'two'],
            'http.response.header.set-cookie': ['[REDACTED]'],
            'http.response.header.content-length': ['2'],
          });
        }
      },
    );

    check('those that the framework alone has set, and gives to writeHead (Y9)', async ({ start, spans }) => {
      const captureHeaders: Options['captureHeaders'] = { response: ['content-length', 'date'] };
      const { url } = await start({ routes: [users], options: { captureHeaders } });
      const { headers: received } = await send(`${url}/users/1`);
      const [span] = await spans.waitForTrace();
      expect(span?.attributes).toMatchObject({
        'http.response.header.content-length': ['2'],
        'http.response.header.date': [received.date],
      });
    });

    check('the lists of the environment, over which those in code win (Y9)', async ({ start, spans }) => {
      const prefix = 'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS';
      environment(`${prefix}_SERVER_REQUEST`, 'X-T.*, authorization, empt.,(');
      environment(`${prefix}_SERVER_RESPONSE`, 'x-reply');
      environment(`${prefix}_SANITIZE_FIELDS`, '.*tenant');
      const first = await start({ routes });
      await send(`${first.url}/users/1`, { headers });
      const second = await start({
        routes,
        options: { captureHeaders: { request: ['accept'], response: [], sanitize: ['ACCEPT'] } },
      });
      await send(`${second.url}/users/1`, { headers });
      const captured = (await spans.waitForSpans(2)).map(({ attributes }) =>
        Object.fromEntries(Object.entries(attributes).filter(([key]) => key.includes('.header.'))),
      );
      expect(captured).toEqual([
        {
          'http.request.header.x-tenant': ['[REDACTED]'],
          'http.request.header.authorization': ['Bearer secret'],
          'http.response.header.x-reply': ['one', 'two'],
        },
        { 'http.request.header.accept': ['[REDACTED]'] },
      ]);
    });
  });
}
