export { koaTracing, type KoaTracingOptions } from './koa-tracing.ts';
export {
  configureLogging,
  initTracing,
  type InitTracingOptions,
  type LoggingOptions,
  type TracingHandle,
  withSpan,
} from '@org/tracing-core';
