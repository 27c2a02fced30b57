import { testHttpServer, type RunningServer, type ServerSetup } from '@org/tracing-testing/contract';
import type { FastifyInstance } from 'fastify';

import { fastifyTracing } from '../src/index.ts';
import { version } from '../src/version.ts';
import { fastifyVersions } from './fastify-server.ts';

async function start(app: FastifyInstance, setup: ServerSetup): Promise<RunningServer> {
  for (let times = 0; times < setup.registrations; times++)
    await app.register(fastifyTracing, setup.options ?? {});
  const { onError } = setup;
  if (onError) {
    app.setErrorHandler((error, _request, reply) => {
      const { status = 200, body } = onError(error);
      return reply.code(status).send(body);
    });
  }
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, setup.parseJson(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addContentTypeParser('application/octet-stream', (_request, _payload, done) => done(null));
  for (const { method, path, handler } of setup.routes) {
    app.route({
      method,
      url: path,
      async handler(request, reply) {
        const params = request.params as Record<string, string>;
        const answer = await handler({
          params,
          body: request.body,
          request: request.raw,
          response: reply.raw,
        });
        if (answer === undefined) return reply.hijack();
        return reply.code(answer.status ?? 200).send(answer.body);
      },
    });
  }
  return {
    url: await app.listen({ port: 0, host: '127.0.0.1' }),
    close: () => app.close(),
    handle: (request, response) => void app.server.emit('request', request, response),
    inject: async (path) => (await app.inject(path)).statusCode,
  };
}

for (const [number, create] of Object.entries(fastifyVersions)) {
  testHttpServer({
    name: `fastify ${number}`,
    scope: { name: '@org/tracing-fastify', version },
    injects: true,
    start: (setup) => start(create({ forceCloseConnections: true }), setup),
  });
}
