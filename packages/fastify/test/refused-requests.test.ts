import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { collectSpans } from '@org/tracing-testing';
import fastify, { type FastifyReply } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { fastifyTracing } from '../src/index.ts';
import { fastifyServer, fastifyVersions } from './fastify-server.ts';

for (const [version, create] of Object.entries(fastifyVersions)) {
  test(`what fastify ${version} refuses before any hook has one SERVER span, without a route`, async () => {
    const { app, spans, get } = await fastifyServer({}, {}, create);
    app.get('/users/:id', async () => 'ok');
    await get('/users/7');
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    expect((await get('/users/%zz', { headers })).status).toBe(400);
    // Fastify 4 and 5.0 count that one as not found.
    expect((await get(`/users/${'x'.repeat(101)}`)).status).toBe(version === '5' ? 414 : 404);
    await spans.settled();
    const [known, malformed, long] = spans.spans;
    expect([known?.name, spans.spans.length]).toEqual(['GET /users/:id', 3]);
    expect(malformed).toMatchObject({
      name: 'GET',
      kind: SpanKind.SERVER,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'http.response.status_code': 400, 'url.path': '/users/%zz' },
    });
    expect(malformed?.attributes).not.toHaveProperty('http.route');
    expect(long?.name).toBe('GET');
  });
}

test('a request that is refused by frameworkErrors has its status too, with a logger and without', async () => {
  for (const logger of [false, { level: 'info', stream: { write: () => undefined } }]) {
    await using spans = collectSpans();
    const app = fastify({
      logger,
      frameworkErrors: (_error, _request, reply: FastifyReply) => void reply.code(422).send('no such path'),
    });
    await app.register(fastifyTracing);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    expect((await fetch(`${url}/%zz`)).status).toBe(422);
    await spans.settled();
    expect(
      spans.spans.map(({ name, attributes }) => [name, attributes['http.response.status_code']]),
    ).toEqual([['GET', 422]]);
    await app.close();
  }
});

test('a path that cannot be decoded and is excluded has none', async () => {
  const { spans, get } = await fastifyServer({ excludedUrls: '^/users/' });
  expect((await get('/users/%zz')).status).toBe(400);
  expect(spans.started).toBe(0);
});

test('in a scope of its own the plugin has no part in what Fastify refuses', async () => {
  await using spans = collectSpans();
  const app = fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  await app.register(async (scope) => {
    await scope.register(fastifyTracing);
  });
  app.get('/out', (_request, reply) => reply.send('ok'));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  expect([(await fetch(`${url}/%zz`)).status, (await fetch(`${url}/out`)).status]).toEqual([400, 200]);
  expect(spans.started).toBe(0);
});
