export type { ExpressModule } from './express-module.ts';
export {
  expressTracing,
  type ExpressTracingMiddleware,
  type ExpressTracingOptions,
} from './express-tracing.ts';
export { initTracing, type InitTracingOptions, type TracingHandle } from '@org/tracing-core';
