export type { ExpressModule } from './express-module.ts';
export {
  expressTracing,
  type ExpressTracingMiddleware,
  type ExpressTracingOptions,
} from './express-tracing.ts';
export {
  configureLogging,
  initTracing,
  type InitTracingOptions,
  type LoggingOptions,
  type TracingHandle,
  withSpan,
} from '@org/tracing-core';
