// The service of ../ecs.md. Its name, its collector and the form of its log lines are the task's.
import { configureLogging, fastifyTracing, initTracing } from '@org/tracing-fastify';
import fastify from 'fastify';
import log from 'loglevel';

initTracing();
configureLogging(log);

const app = fastify();
await app.register(fastifyTracing);

app.get('/items/:id', (request) => {
  log.info('asked for %s', request.params.id);
  return { id: request.params.id };
});

// On every address: a task is asked by that of its network interface.
const address = await app.listen({
  host: process.env.HOST ?? '0.0.0.0',
  port: Number(process.env.PORT ?? 3000),
});
console.log(`listening on ${address}`);
