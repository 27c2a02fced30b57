export { type PgExports, type PgModule, tracePg } from './trace-pg.ts';
export type {
  ParameterValueLimits,
  PgRequest,
  PgResponse,
  PgTracingOptions,
  SqlCommentOptions,
} from './options.ts';
export {
  bindContext,
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
