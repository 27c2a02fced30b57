import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { describe, expect } from 'vitest';

import { REMOTE_SPAN_ID, REMOTE_TRACE_ID, send, traceparent } from './client.ts';
import type { Route } from './harness.ts';
import type { Check } from './trial.ts';

const users: Route = {
  method: 'GET',
  path: '/users/:id',
  handler: ({ params }) => ({ body: `user ${params['id']}` }),
};

/** Which spans there are, their names, parents and attributes. */
export function spanTests(check: Check): void {
  describe('spans', () => {
    check('a request makes exactly one SERVER span, named METHOD route (Y1)', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      expect((await send(`${url}/users/7`)).body).toBe('user 7');
      await spans.settled();
      expect(spans.spans).toMatchTraceTree({
        kind: 'SERVER',
        name: 'GET /users/:id',
        attributes: { 'http.route': '/users/:id' },
      });
    });

    check('a HEAD request is named after the route that answers it', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      expect((await send(`${url}/users/7`, { method: 'HEAD' })).status).toBe(200);
      const [span] = await spans.waitForTrace();
      expect(span).toMatchObject({ name: 'HEAD /users/:id', attributes: { 'http.request.method': 'HEAD' } });
    });

    check('METHOD alone and no http.route where no route matched', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      expect((await send(`${url}/nowhere/7`)).status).toBe(404);
      const [span] = await spans.waitForTrace();
      expect(span).toMatchObject({
        name: 'GET',
        status: { code: SpanStatusCode.UNSET },
        attributes: { 'url.path': '/nowhere/7', 'http.response.status_code': 404 },
      });
      expect(span?.attributes).not.toHaveProperty('http.route');
    });

    check('METHOD alone where only the path matched, not the method', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}/users/7`, { method: 'DELETE' });
      const [span] = await spans.waitForTrace();
      expect(span?.name).toBe('DELETE');
      expect(span?.attributes).not.toHaveProperty('http.route');
    });

    check('an unknown method is named HTTP, with _OTHER and the original', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}/users/7`, { method: 'PURGE' });
      const [span] = await spans.waitForTrace();
      expect(span).toMatchObject({
        name: 'HTTP',
        attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' },
      });
    });

    check('the parent comes from traceparent', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}/users/7`, { headers: traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID) });
      const [span] = await spans.waitForTrace({ remoteParents: [REMOTE_SPAN_ID] });
      expect(span).toMatchObject({ traceId: REMOTE_TRACE_ID, parentSpanId: REMOTE_SPAN_ID });
    });

    check('a request without a valid traceparent is a root', async ({ start, spans }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}/users/7`);
      await send(`${url}/users/7`, { headers: traceparent('0'.repeat(32), REMOTE_SPAN_ID) });
      const [first, second] = await spans.waitForSpans(2);
      expect(first).not.toHaveProperty('parentSpanId');
      expect(second).not.toHaveProperty('parentSpanId');
      expect(first?.traceId).not.toBe(second?.traceId);
    });

    check('a span that was active when the server began to listen is no parent', async ({ start, spans }) => {
      const { url } = await withSpan('start-up', () => start({ routes: [users] }));
      await send(`${url}/users/7`);
      const trace = await spans.waitForTrace({ where: ([span]) => span?.kind === SpanKind.SERVER });
      expect(trace).toMatchTraceTree({ name: 'GET /users/:id' });
    });

    check('below an unsampled parent nothing is recorded, and the next hop is told so', async (trial) => {
      const { start, startNextHop, spans } = trial;
      const next = await startNextHop();
      const { url } = await start({ routes: [callTo(next.url)] });
      await send(`${url}/call`, { headers: traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID, '00') });
      expect(next.headers[0]?.['traceparent']).toMatch(new RegExp(`^00-${REMOTE_TRACE_ID}-[0-9a-f]{16}-00$`));
      expect(spans.started).toBe(0);
    });

    check(
      "an outgoing fetch is the server span's child and the next hop's parent",
      async ({ start, spans }) => {
        const next = await start({ routes: [users] });
        const { url } = await start({ routes: [callTo(`${next.url}/users/7`)] });
        expect((await send(`${url}/call`)).body).toBe('user 7');
        const trace = await spans.waitForTrace({ spanCount: 3 });
        expect(trace).toMatchTraceTree({
          kind: 'SERVER',
          name: 'GET /call',
          children: [{ kind: 'CLIENT', name: 'GET', children: [{ kind: 'SERVER', name: 'GET /users/:id' }] }],
        });
      },
    );

    check('server.address and server.port follow the Host header, odd ones too (Y12)', async (trial) => {
      const { url } = await trial.start({ routes: [users] });
      const hosts: [host: string, address: string | undefined, port: number | undefined][] = [
        ['shop.example', 'shop.example', 80],
        ['shop.example:8443', 'shop.example', 8443],
        ['SHOP.example:', 'SHOP.example', undefined],
        ['[::1]:8080', '::1', 8080],
        ['shop.example:http', 'shop.example', undefined],
      ];
      for (const [host] of hosts) await send(`${url}/users/1`, { headers: { host } });
      const seen = (await trial.spans.waitForSpans(hosts.length)).map(({ attributes }) => [
        attributes['server.address'],
        attributes['server.port'],
      ]);
      expect(seen).toEqual(hosts.map(([, address, port]) => [address, port]));
    });

    check('the whole span is as the semantic conventions want it', async ({ start, spans, scope }) => {
      const { url } = await start({ routes: [users] });
      await send(`${url}/users/7?page=2&sig=hush&X-Amz-Signature=hush&Sig=kept`, {
        headers: { ...traceparent(REMOTE_TRACE_ID, REMOTE_SPAN_ID), 'user-agent': 'contract/1' },
      });
      const [span] = await spans.waitForTrace({ remoteParents: [REMOTE_SPAN_ID] });
      expect(span).toEqual({
        traceId: REMOTE_TRACE_ID,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parentSpanId: REMOTE_SPAN_ID,
        name: 'GET /users/:id',
        kind: SpanKind.SERVER,
        startTimeUnixNano: expect.any(BigInt),
        endTimeUnixNano: expect.any(BigInt),
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'http.route': '/users/:id',
          'url.path': '/users/7',
          'url.query': 'page=2&sig=REDACTED&X-Amz-Signature=REDACTED&Sig=kept',
          'url.scheme': 'http',
          'server.address': '127.0.0.1',
          'server.port': Number(new URL(url).port),
          'client.address': '127.0.0.1',
          'network.peer.address': '127.0.0.1',
          'network.peer.port': expect.any(Number),
          'network.protocol.version': '1.1',
          'user_agent.original': 'contract/1',
        },
        events: [],
        links: [],
        status: { code: SpanStatusCode.UNSET },
        serviceName: 'contract',
        resourceAttributes: expect.objectContaining({ 'service.name': 'contract' }),
        scope,
      });
      expect(span?.endTimeUnixNano).toBeGreaterThan(span?.startTimeUnixNano ?? 0n);
    });
  });
}

function callTo(target: string): Route {
  return {
    method: 'GET',
    path: '/call',
    handler: async () => ({ body: await (await fetch(target)).text() }),
  };
}
