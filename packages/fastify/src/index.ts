export { fastifyTracing, fastifyTracing as default, type FastifyTracingOptions } from './fastify-tracing.ts';
