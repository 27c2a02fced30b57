import { FastifyOtelInstrumentation } from '@fastify/otel';
import { SpanKind } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import fastify, { type FastifyPluginCallback } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { fastifyTracing } from '../src/index.ts';

test.each([
  ['first', false],
  ['first', true],
  ['last', false],
  ['last', true],
])(
  'beside @fastify/otel, registered %s, logger %s: one SERVER span with our route, all of theirs below it (F4, X7)',
  async (order, logger) => {
    const spans = collectSpans();
    onTestFinished(() => spans.close());
    const app = fastify({ forceCloseConnections: true, logger: logger && { stream: { write: () => true } } });
    onTestFinished(() => app.close());
    const theirs = new FastifyOtelInstrumentation().plugin() as unknown as FastifyPluginCallback;
    if (order === 'first') await app.register(theirs);
    await app.register(fastifyTracing);
    if (order === 'last') await app.register(theirs);
    app.get('/things/:id', async () => 'ok');
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    expect(await (await fetch(`${url}/things/1`)).text()).toBe('ok');

    await spans.settled();
    expect(spans.traces()).toHaveLength(1);
    const servers = spans.spans.filter(({ kind }) => kind === SpanKind.SERVER);
    expect(servers).toMatchObject([{ name: 'GET /things/:id', attributes: { 'http.route': '/things/:id' } }]);
    const ids = new Set(spans.spans.map(({ spanId }) => spanId));
    const roots = spans.spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
    expect(roots.map(({ kind }) => kind)).toEqual([SpanKind.SERVER]);
  },
);
