import type { ServerResponse } from 'node:http';

import { propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, onTestFinished } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Exchange, Reply, Route, ServerSetup } from './harness.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const users: Route = { method: 'GET', path: '/users/:id', handler: () => ({ body: 'ok' }) };

const health = (handler: Route['handler']): Route => ({ method: 'GET', path: '/health', handler });

/** Sets a variable of the environment for one test. */
function environment(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => {
    delete process.env[name];
  });
}

/** The options that every HTTP plugin takes. */
export function optionTests(check: Check): void {
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

  describe('a public endpoint', () => {
    const carried = { ...traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00'), baggage: 'tenant=evil' };
    const seenBaggage: Route = {
      ...users,
      handler: () => ({ body: propagation.getActiveBaggage()?.getEntry('tenant')?.value ?? 'none' }),
    };

    check('does not continue the trace of its caller and links to it, baggage dropped', async (trial) => {
      const { url } = await trial.start({ routes: [seenBaggage], options: { publicEndpoint: true } });
      // The caller said not to sample, which is not for a stranger to say.
      expect((await send(`${url}/users/1`, { headers: carried })).body).toBe('none');
      const [span] = await trial.spans.waitForTrace({ spanCount: 1 });
      expect(span?.parentSpanId).toBeUndefined();
      expect(span?.traceId).not.toBe(REMOTE_TRACE_ID);
      expect(span?.links).toEqual([{ traceId: REMOTE_TRACE_ID, spanId: REMOTE_SPAN_ID, attributes: {} }]);
    });

    check('has no link where the caller brings no trace', async ({ start, spans }) => {
      const { url } = await start({ routes: [users], options: { publicEndpoint: true } });
      await send(`${url}/users/1`);
      const [span] = await spans.waitForTrace({ spanCount: 1 });
      expect(span?.links).toEqual([]);
    });

    check('may be decided for each request, and one that throws trusts nobody', async ({ start, spans }) => {
      const { url } = await start({
        routes: [users],
        options: {
          publicEndpoint({ url: target }) {
            if (target === '/users/throws') throw new Error('from the application');
            return target === '/users/outside';
          },
        },
      });
      const headers = traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID);
      for (const id of ['outside', 'throws', 'inside']) await send(`${url}/users/${id}`, { headers });
      const parents = (await spans.waitForSpans(3)).map(({ parentSpanId }) => parentSpanId);
      expect(parents).toEqual([undefined, undefined, REMOTE_SPAN_ID]);
    });
  });

  describe('failures of excluded requests', () => {
    const failing = health(() => {
      throw new Error('database gone');
    });

    check('are not recorded by default', async ({ start, spans }) => {
      const { url, close } = await start({ routes: [failing] });
      await send(`${url}/health`);
      await close();
      expect(spans.started).toBe(0);
    });

    check('are recorded after all with keepExcludedFailures, well ones are not (X4)', async (trial) => {
      const inside: unknown[] = [];
      const { url } = await trial.start({
        options: { keepExcludedFailures: true, excludedUrls: ['^/health$', '^/fine$'] },
        routes: [
          health(() => {
            inside.push(trace.getActiveSpan());
            throw new Error('database gone');
          }),
          { method: 'GET', path: '/fine', handler: () => ({ status: 404, body: 'fine' }) },
        ],
      });
      await send(`${url}/fine`);
      const headers = { ...traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID), 'user-agent': 'probe' };
      // Spans start on a monotonic clock, which may be two milliseconds behind the one of the machine.
      const before = BigInt(Date.now() - 2) * 1_000_000n;
      expect((await send(`${url}/health`, { headers })).status).toBe(500);
      const [span] = await trial.spans.waitForTrace({ remoteParents: [REMOTE_SPAN_ID] });
      expect(inside).toEqual([undefined]);
      expect(span).toMatchObject({
        name: 'GET /health',
        parentSpanId: REMOTE_SPAN_ID,
        status: { code: SpanStatusCode.ERROR, message: 'database gone' },
        attributes: {
          'url.path': '/health',
          'http.route': '/health',
          'http.response.status_code': 500,
          'error.type': '500',
          'user_agent.original': 'probe',
        },
        events: [{ name: 'exception', attributes: { 'exception.message': 'database gone' } }],
      });
      expect(span?.startTimeUnixNano).toBeGreaterThanOrEqual(before);
      expect(span?.endTimeUnixNano).toBeGreaterThan(span?.startTimeUnixNano ?? 0n);
    });
  });

  describe('secrets in queries', () => {
    const target = '/users/1?sig=abc&token=def&X-Amz-Signature=ghi&page=2';

    check('those of the convention never reach an attribute (X5)', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}${target}`);
      const [span] = await spans.waitForTrace();
      expect(span?.attributes['url.query']).toBe('sig=REDACTED&token=def&X-Amz-Signature=REDACTED&page=2');
      expect(JSON.stringify(span?.attributes)).not.toMatch(/abc|ghi/);
    });

    check('redactQuery names more, or switches it off (X5)', async ({ start, spans }) => {
      const more = await start({ routes: [users], options: { redactQuery: ['token'] } });
      await send(`${more.url}${target}`);
      const none = await start({ routes: [users], options: { redactQuery: false } });
      await send(`${none.url}${target}`);
      const queries = (await spans.waitForSpans(2)).map(({ attributes }) => attributes['url.query']);
      expect(queries).toEqual([
        'sig=REDACTED&token=REDACTED&X-Amz-Signature=REDACTED&page=2',
        'sig=abc&token=def&X-Amz-Signature=ghi&page=2',
      ]);
    });
  });

  describe('wrong options', () => {
    const wrong: readonly [name: string, value: unknown, message: string][] = [
      ['keepExcludedFailures', 1, 'keepExcludedFailures: expected true or false; got 1 (number)'],
      ['requestHook', 'log', "requestHook: expected a function; got 'log' (string)"],
      ['responseHook', {}, 'responseHook: expected a function; got an object (object)'],
      ['spanName', 'users', "spanName: expected a function; got 'users' (string)"],
      ['publicEndpoint', 'yes', "publicEndpoint: expected true, false or a function; got 'yes' (string)"],
      ['redactQuery', [1], 'redactQuery: expected true, false or an array of keys; got [1] (object)'],
      ['recordExceptions', null, 'recordExceptions: expected true or false; got null (object)'],
      [
        'captureHeaders',
        ['accept'],
        "captureHeaders: expected an object with request, response and sanitize; got ['accept'] (object)",
      ],
      [
        'captureHeaders',
        { request: 'accept' },
        "captureHeaders.request: expected an array of header names and RegExps; got 'accept' (string)",
      ],
    ];

    check('are a TypeError that names option, expectation and value (F3)', async ({ start }) => {
      for (const [name, value, message] of wrong) {
        await expect(start({ options: { [name]: value } })).rejects.toThrow(new TypeError(message));
      }
    });
  });

  check('an option that there is none of is named in one warning', async ({ start, warnings }) => {
    const options = { publicEndpoints: true, layers: false } as Options;
    await start({ options, routes: [users] });
    expect(warnings).toEqual([expect.stringContaining(': publicEndpoints is no option and has no effect')]);
  });

  check('recordExceptions: false keeps what was thrown to itself (F15)', async ({ start, spans }) => {
    const broken = (): never => {
      throw new Error('no stock');
    };
    const { url } = await start({
      routes: [{ ...users, handler: broken }],
      options: { recordExceptions: false },
    });
    await send(`${url}/users/1`);
    const [span] = await spans.waitForTrace();
    expect(span?.events).toEqual([]);
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(span?.attributes['error.type']).toBe('500');
  });
}
