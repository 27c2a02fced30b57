export { fastifyTracing, fastifyTracing as default, type FastifyTracingOptions } from './fastify-tracing.ts';
export { initTracing, type InitTracingOptions, type TracingHandle } from '@org/tracing-core';
