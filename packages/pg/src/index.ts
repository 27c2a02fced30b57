export { type PgExports, type PgModule, tracePg } from './trace-pg.ts';
export type { ParameterValueLimits, PgRequest, PgResponse, PgTracingOptions } from './options.ts';
export { initTracing, type InitTracingOptions, type TracingHandle } from '@org/tracing-core';
