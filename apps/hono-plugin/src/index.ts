export { honoTracing, type HonoTracing, type HonoTracingOptions } from './hono-tracing.ts';
