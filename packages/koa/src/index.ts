export { koaTracing, type KoaTracingOptions } from './koa-tracing.ts';
export { initTracing, type InitTracingOptions, type TracingHandle } from '@org/tracing-core';
