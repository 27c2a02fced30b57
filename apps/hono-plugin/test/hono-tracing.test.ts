import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { diag, DiagLogLevel, SpanStatusCode, trace } from '@opentelemetry/api';
import { type SpanRecord, withSpan } from '@org/tracing-core';
import { collectSpans } from '@org/tracing-testing';
import { Hono } from 'hono';
import { stream, streamSSE } from 'hono/streaming';
import { traceMatchers } from '@org/tracing-testing/vitest';
import { expect, onTestFinished, test } from 'vitest';

import { honoTracing } from '../src/index.ts';
import { type NodeHono, serve, start } from './hono-server.ts';

expect.extend(traceMatchers);

/** An application with the middleware alone, served as by `serve` of Hono's own. */
async function startAlone(build: (app: NodeHono) => unknown): Promise<string> {
  const app: NodeHono = new Hono();
  app.use(honoTracing());
  build(app);
  const { url, close } = await serve(app);
  onTestFinished(close);
  return url;
}

const exceptions = (span: SpanRecord | undefined): unknown =>
  span?.events.map(({ attributes }) => attributes['exception.message']);

const broken = (): never => {
  throw new Error('no stock');
};

test('an error is recorded once, whichever application of those around it answers', async () => {
  await using spans = collectSpans();
  const url = await start((app) => {
    const own = new Hono().get('/', broken).onError((_error, c) => c.text('own', 502));
    app.route('/own', own).route('/outer', new Hono().get('/', broken));
    app.onError((_error, c) => c.text('outer', 503));
  });
  for (const path of ['/own', '/outer']) await (await fetch(url + path)).text();
  const all = await spans.waitForSpans(2);
  expect(all.map(({ attributes }) => attributes['http.response.status_code'])).toEqual([502, 503]);
  expect(all.map(exceptions)).toEqual([['no stock'], ['no stock']]);
});

test('where the error handler throws itself, what it was to handle is the exception', async () => {
  await using spans = collectSpans();
  const url = await start((app) => {
    app.get('/', broken).onError(() => {
      throw new Error('no template');
    });
  });
  expect((await fetch(url)).status).toBe(500);
  const [span] = await spans.waitForSpans(1);
  expect(exceptions(span)).toEqual(['no stock']);
});

test('an error that the application makes good leaves no trace', async () => {
  await using spans = collectSpans();
  const url = await start((app) => app.get('/', broken).onError((_error, c) => c.text('from the cache')));
  expect((await fetch(url)).status).toBe(200);
  const [span] = await spans.waitForSpans(1);
  expect(span).toMatchObject({ status: { code: SpanStatusCode.UNSET }, events: [] });
});

test('the span is active in Hono’s streams, and ends with them', async () => {
  await using spans = collectSpans();
  const url = await start((app) => {
    app.get('/stream', (c) => stream(c, async (body) => void (await body.write(active()))));
    app.get('/events', (c) => streamSSE(c, (body) => body.writeSSE({ data: active() })));
    app.get('/pulled', (c) => {
      let pulls = 0;
      const pull = (controller: ReadableStreamDefaultController): void => {
        if (++pulls < 3) controller.enqueue(new TextEncoder().encode(`${active()}\n`));
        else controller.close();
      };
      // Nothing is made before it is asked for, which is when Hono has answered and Node's server sends.
      return c.body(new ReadableStream({ pull }, { highWaterMark: 0 }));
    });
  });
  const bodies: string[] = [];
  for (const path of ['/stream', '/events', '/pulled']) bodies.push(await (await fetch(url + path)).text());
  const ids = (await spans.waitForSpans(3)).map(({ spanId }) => spanId);
  expect(bodies).toEqual([`${ids[0]}`, `data: ${ids[1]}\n\n`, `${ids[2]}\n${ids[2]}\n`]);
});

const active = (): string => trace.getActiveSpan()?.spanContext().spanId ?? 'none';

test('what never reaches Hono has a span too', async () => {
  await using spans = collectSpans();
  const url = await start((app) => app.get('/', (c) => c.text('ok')));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: no port:x\r\nConnection: close\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  const [span] = await spans.waitForSpans(1);
  expect(span).toMatchObject({ name: 'GET', attributes: { 'http.response.status_code': 400 } });
});

test('the middleware alone has route, error, children and the end of the body', async () => {
  await using spans = collectSpans();
  const url = await startAlone((app) => {
    app.get('/users/:id', (c) =>
      stream(c, async (body) => void (await withSpan('work', () => body.write('ok')))),
    );
    app.get('/broken', broken);
  });
  expect(await (await fetch(`${url}/users/7`)).text()).toBe('ok');
  await spans.settled();
  expect(spans.spans).toMatchTraceTree({
    name: 'GET /users/:id',
    attributes: { 'http.route': '/users/:id', 'http.response.status_code': 200 },
    children: [{ name: 'work' }],
  });
  spans.reset();
  await (await fetch(`${url}/broken`)).text();
  const [span] = await spans.waitForSpans(1);
  expect(exceptions(span)).toEqual(['no stock']);
});

test('the middleware alone ends the span of a client that leaves', async () => {
  await using spans = collectSpans();
  let arrived = (): void => undefined;
  const here = new Promise<void>((resolve) => (arrived = resolve));
  const url = await startAlone((app) => {
    app.get('/slow/:id', async (c) => {
      arrived();
      await once(c.env.outgoing, 'close');
      return c.text('too late');
    });
  });
  const sent = request(`${url}/slow/1`).on('error', () => undefined);
  sent.end();
  await here;
  sent.destroy();
  const [span] = await spans.waitForSpans(1);
  expect(span).toMatchObject({ name: 'GET /slow/:id', attributes: { 'error.type': 'aborted' } });
});

test('a request without Node’s, as the tests of an application make it, is answered untraced', async () => {
  await using spans = collectSpans();
  const app = new Hono().use(honoTracing()).get('/', (c) => c.text('ok'));
  expect(await (await app.request('/')).text()).toBe('ok');
  expect(await (await app.fetch(new Request('http://test/'), {})).text()).toBe('ok');
  expect(spans.started).toBe(0);
});

test('layers, of which there are none, are said to have no effect', () => {
  const said: string[] = [];
  const say = (message: string): unknown => said.push(message);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
  onTestFinished(() => diag.disable());
  honoTracing({ layers: true });
  expect(said).toEqual(['@org/hono-plugin: layers has no effect: there are none of Hono’s']);
});
