import { SpanKind } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { StoredTrace } from './stored-trace.ts';

/** Attributes of a call that no service with a span of its own answers. */
const ANSWERED_BY_NOBODY = ['db.system.name', 'db.system', 'messaging.system', 'error.type'];

/**
 * Whether nothing of a trace is known to be missing: its root is here, the parent of each span, and for each call to
 * another service a span below it. A trace that calls a host without tracing never looks whole.
 */
export function looksWhole(trace: StoredTrace): boolean {
  if (!trace.whole) return false;
  const parents = new Set<string | undefined>();
  for (const { parentSpanId } of trace.spans.values()) {
    if (parentSpanId !== undefined && !trace.spans.has(parentSpanId)) return false;
    parents.add(parentSpanId);
  }
  for (const span of trace.spans.values()) if (awaitsAnswer(span) && !parents.has(span.spanId)) return false;
  return true;
}

function awaitsAnswer({ kind, attributes }: SpanRecord): boolean {
  return kind === SpanKind.CLIENT && !ANSWERED_BY_NOBODY.some((key) => attributes[key] !== undefined);
}
