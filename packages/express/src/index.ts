export type { ExpressModule } from './express-module.ts';
export {
  expressTracing,
  type ExpressTracingMiddleware,
  type ExpressTracingOptions,
} from './express-tracing.ts';
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
