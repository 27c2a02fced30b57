import { fastifyTracing } from '@org/tracing-fastify';
import fastify, { type FastifyError, type FastifyInstance, type FastifySchemaValidationError } from 'fastify';
import log from 'loglevel';

import { command } from './commander.ts';
import { type Order, orderSchema } from './order.ts';

/** The dispatcher, ready to listen: `POST /dispatch` and `GET /health`. */
export function createApp(commander: URL): FastifyInstance {
  const app = fastify({
    // By default Fastify drops unknown fields and turns "2" into 2; a caller should hear of its mistakes.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    schemaErrorFormatter: (errors, part) => new Error(errors.map((error) => explain(error, part)).join('; ')),
  });

  app.register(fastifyTracing, { requestId: true });

  app.get('/health', () => ({ status: 'ok' }));

  app.post<{ Body: Order }>('/dispatch', { schema: { body: orderSchema } }, async ({ body }) => {
    log.info('dispatching %d of %s', body.quantity, body.sku);
    return command(commander, body);
  });

  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ message: `no ${request.method} ${request.url}` }),
  );

  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { statusCode = 500 } = error;
    if (statusCode >= 500) log.error('dispatch failed', error);
    return reply.code(statusCode).send({ message: statusCode === 500 ? 'internal error' : error.message });
  });

  return app;
}

function explain(
  { instancePath, keyword, params, message }: FastifySchemaValidationError,
  part: string,
): string {
  if (keyword === 'additionalProperties')
    return `${part}: unknown field "${String(params['additionalProperty'])}"`;
  return `${part}${instancePath} ${message ?? keyword}`;
}
