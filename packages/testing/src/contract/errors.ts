import { SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect } from 'vitest';

import { send } from './client.ts';
import type { Route } from './harness.ts';
import type { Check } from './trial.ts';

const answers: Route = {
  method: 'GET',
  path: '/answers/:status',
  handler: ({ params }) => ({ status: Number(params['status']), body: 'answer' }),
};
const throwing = (path: string, failure: () => unknown): Route => ({
  method: 'GET',
  path,
  handler: async () => {
    await new Promise(setImmediate);
    throw failure();
  },
});

/** What becomes of errors: status, error.type, exception; and that the client sees no difference. */
export function errorTests(check: Check): void {
  describe('errors', () => {
    check('a 4xx leaves the status unset and has no error.type', async ({ start, spans }) => {
      const { url } = await start({ routes: [answers] });
      await send(`${url}/answers/404`);
      const [span] = await spans.waitForTrace();
      expect(span).toMatchObject({
        name: 'GET /answers/:status',
        status: { code: SpanStatusCode.UNSET },
        attributes: { 'http.response.status_code': 404 },
      });
      expect(span?.attributes).not.toHaveProperty('error.type');
    });

    check(
      'a 5xx is an error, its code the error.type, and nothing is said twice',
      async ({ start, spans }) => {
        const { url } = await start({ routes: [answers] });
        await send(`${url}/answers/503`);
        const [span] = await spans.waitForTrace();
        expect(span?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
        expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
        expect(span?.events).toEqual([]);
      },
    );

    check(
      'a thrown error is recorded once, as an exception event, and the span is ERROR (Y10)',
      async (trial) => {
        const { start, spans } = trial;
        const { url } = await start({ routes: [throwing('/broken', () => new TypeError('no stock'))] });
        expect((await send(`${url}/broken`)).status).toBe(500);
        const [span] = await spans.waitForTrace();
        expect(span?.name).toBe('GET /broken');
        expect(span?.attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': '500' });
        expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no stock' });
        expect(span?.events).toEqual([
          {
            name: 'exception',
            timeUnixNano: expect.any(BigInt),
            attributes: {
              'exception.type': 'TypeError',
              'exception.message': 'no stock',
              'exception.stacktrace': expect.stringContaining('TypeError: no stock\n    at '),
            },
          },
        ]);
      },
    );

    check('the error handler runs once, with the error as it was thrown (Y10)', async ({ start, spans }) => {
      const thrown = new TypeError('no stock');
      const handled: unknown[] = [];
      const { url } = await start({
        routes: [throwing('/broken', () => thrown)],
        onError(error) {
          handled.push(error, trace.getActiveSpan()?.spanContext().spanId);
          return { status: 500, body: 'sorry' };
        },
      });
      expect((await send(`${url}/broken`)).body).toBe('sorry');
      const [span] = await spans.waitForTrace();
      expect(handled).toEqual([thrown, span?.spanId]);
      expect(handled[0]).toBe(thrown);
    });

    check('a thrown error that means a 4xx is none of the server', async ({ start, spans }) => {
      const conflict = (): Error => Object.assign(new Error('taken'), { status: 409, statusCode: 409 });
      const { url } = await start({ routes: [throwing('/taken', conflict)] });
      expect((await send(`${url}/taken`)).status).toBe(409);
      const [span] = await spans.waitForTrace();
      expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
      expect(span?.events).toEqual([]);
      expect(span?.attributes).not.toHaveProperty('error.type');
    });

    check('what is thrown without being an Error is recorded too', async ({ start, spans }) => {
      const { url } = await start({ routes: [throwing('/text', () => 'no stock')] });
      await send(`${url}/text`);
      const [span] = await spans.waitForTrace();
      expect(span?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span?.events).toMatchObject([
        { name: 'exception', attributes: { 'exception.message': expect.stringContaining('no stock') } },
      ]);
    });

    check("the application's own answer to an error decides the span's status", async ({ start, spans }) => {
      const { url } = await start({
        routes: [throwing('/broken', () => new Error('no stock'))],
        onError: () => ({ status: 503, body: 'later' }),
      });
      expect(await send(`${url}/broken`)).toMatchObject({ status: 503, body: 'later' });
      const [span] = await spans.waitForTrace();
      expect(span?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
      expect(span?.events.length).toBeLessThanOrEqual(1);
    });

    check('responses are the same with and without tracing, errors above all', async ({ start }) => {
      const routes = [
        answers,
        throwing('/broken', () => new TypeError('no stock')),
        throwing('/taken', () => Object.assign(new Error('taken'), { status: 409, statusCode: 409 })),
        throwing('/text', () => 'no stock'),
        { method: 'POST', path: '/json', handler: ({ body }) => ({ body: JSON.stringify(body) }) },
      ] satisfies Route[];
      const traced = await start({ routes });
      const plain = await start({ routes, registrations: 0 });
      const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
      for (const [path, options] of [
        ['/answers/200', {}],
        ['/answers/404', {}],
        ['/answers/503', {}],
        ['/broken', {}],
        ['/taken', {}],
        ['/text', {}],
        ['/nowhere', {}],
        ['/answers/200', { method: 'HEAD' }],
        ['/answers/200', { method: 'DELETE' }],
        ['/json', { ...json, body: '{"a":1}' }],
        ['/json', { ...json, body: '{' }],
      ] as const) {
        const answer = await send(`${traced.url}${path}`, options);
        const expected = await send(`${plain.url}${path}`, options);
        const sameDate = { ...answer, headers: { ...answer.headers, date: expected.headers.date } };
        expect({ path, ...sameDate }).toEqual({ path, ...expected });
      }
    });
  });
}
