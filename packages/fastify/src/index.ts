export { fastifyTracing, fastifyTracing as default, type FastifyTracingOptions } from './fastify-tracing.ts';
export {
  type CarrierAdapter,
  configureLogging,
  type ConsumerSpanOptions,
  extractContext,
  initTracing,
  type InitTracingOptions,
  injectContext,
  type LoggingOptions,
  type MessageSpanOptions,
  sqsAttributes,
  type TracingHandle,
  withConsumerSpan,
  withProducerSpan,
  withSpan,
} from '@org/tracing-core';
