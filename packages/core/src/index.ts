export type { SpanRecord, SpanRecordEvent, SpanRecordLink } from './span-record.ts';
export { version } from './version.ts';
export { liveTracer } from './tracer.ts';
export { type PatchableInstrumentation, patchInHand } from './patch-in-hand.ts';
export { withSpan } from './with-span.ts';
export {
  type HttpFramework,
  type HttpServerOptions,
  type HttpServerTracing,
  type ServerSpan,
  serverSpanOf,
  traceHttpServer,
} from './server-span.ts';
export type { UrlExclusion, UrlExclusionRule } from './url-exclusion.ts';
export type { OutgoingHttpOptions } from './outgoing-http.ts';
