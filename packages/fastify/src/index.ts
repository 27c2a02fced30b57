export { fastifyTracing, fastifyTracing as default, type FastifyTracingOptions } from './fastify-tracing.ts';
export {
  configureLogging,
  initTracing,
  type InitTracingOptions,
  type LoggingOptions,
  type TracingHandle,
  withSpan,
} from '@org/tracing-core';
