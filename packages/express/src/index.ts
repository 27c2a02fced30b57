export type { ExpressModule } from './express-module.ts';
export {
  expressTracing,
  type ExpressTracingMiddleware,
  type ExpressTracingOptions,
} from './express-tracing.ts';
export {
  activeRequestId,
  baggageSpanProcessor,
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
  withBaggage,
  withConsumerSpan,
  withProducerSpan,
  withRequestId,
  withSpan,
} from '@org/tracing-core';
