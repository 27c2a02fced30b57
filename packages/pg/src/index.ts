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
  configureLogging,
  initTracing,
  type InitTracingOptions,
  type LoggingOptions,
  type TracingHandle,
  withSpan,
} from '@org/tracing-core';
