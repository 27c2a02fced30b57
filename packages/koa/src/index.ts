export { koaTracing, type KoaTracingOptions } from './koa-tracing.ts';
