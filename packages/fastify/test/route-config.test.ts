import { trace } from '@opentelemetry/api';
import { withSpan } from '@org/tracing-core';
import { collectSpans } from '@org/tracing-testing';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { fastifyTracing } from '../src/index.ts';
import { fastifyServer, fastifyVersions } from './fastify-server.ts';

const cases = Object.keys(fastifyVersions).flatMap((version) => [
  [version, 'without a logger', false] as const,
  [version, 'with one', true] as const,
]);

test.each(cases)(
  'a route of fastify %s with tracing: false has no spans, nothing below it either, %s (F2)',
  async (version, _logger, logs) => {
    const lines: Record<string, unknown>[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
    const logger = logs && { level: 'info', stream };
    const { app, spans, get } = await fastifyServer({ layers: true }, { logger }, fastifyVersions[version]);
    app.addHook('preHandler', async () => undefined);
    app.get('/off/:id', { config: { tracing: false } }, async () => {
      withSpan('below', () => undefined);
      return { active: trace.getActiveSpan() !== undefined };
    });
    app.get('/on/:id', { config: { tracing: true } }, async () => 'ok');
    expect(await (await get('/off/7')).json()).toEqual({ active: false });
    expect((await get('/off/7', { method: 'HEAD' })).status).toBe(200);
    expect(spans.started).toBe(0);
    await get('/on/7');
    await spans.settled();
    expect(spans.spans.at(-1)?.name).toBe('GET /on/:id');
    const withIds = lines.filter((line) => 'trace_id' in line).map((line) => line['msg']);
    expect(withIds).toEqual(logs ? ['incoming request', 'request completed'] : []);
  },
);

test('a route that was defined before the plugin had loaded can be switched off too (F2)', async () => {
  await using spans = collectSpans();
  const app = fastify();
  onTestFinished(() => app.close());
  void app.register(fastifyTracing);
  app.get('/early', { config: { tracing: false } }, async () => 'ok');
  expect((await app.inject('/early')).statusCode).toBe(200);
  expect(spans.started).toBe(0);
});

test('any other value is a TypeError where the route is defined (F2, F3)', async () => {
  const { app } = await fastifyServer();
  expect(() => app.get('/', { config: { tracing: 'no' as never } }, async () => 'ok')).toThrow(
    new TypeError('config.tracing: expected true or false; got no (string)'),
  );
});
