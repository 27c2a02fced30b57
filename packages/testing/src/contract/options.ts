import { propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Route, ServerSetup } from './harness.ts';
import type { Check } from './trial.ts';

type Options = NonNullable<ServerSetup['options']>;

const users: Route = { method: 'GET', path: '/users/:id', handler: () => ({ body: 'ok' }) };

const health = (handler: Route['handler']): Route => ({ method: 'GET', path: '/health', handler });

/** The options that every HTTP plugin takes, but for hooks, headers and request ids. */
export function optionTests(check: Check): void {
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
