import { type Context, type Tracer, trace } from '@opentelemetry/api';
import { liveTracer } from '@org/tracing-core';

import { version } from './version.ts';

/** Makes every span of this package, by whichever provider is registered at that moment. */
export const tracer: Tracer = liveTracer('@org/tracing-pg', version);

/** What a span that belongs to no trace has: it is nobody's parent. */
const NO_TRACE = '0'.repeat(32);

/** Whether something in this context is being traced. */
export function hasParent(active: Context): boolean {
  const parent = trace.getSpan(active);
  return parent !== undefined && parent.spanContext().traceId !== NO_TRACE;
}
