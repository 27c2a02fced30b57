import type { SpanRecord, SpanRecordLink } from '@org/tracing-core';

import type { SpanDetail, SpanLink } from './api.ts';
import { jsonValues } from './json-value.ts';
import { byTime, logLine } from './log-api-line.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

/** All that is known of one span, its log lines and the links to it. */
export function spanDetail(trace: StoredTrace, span: SpanRecord, store: TraceStore): SpanDetail {
  const { traceId, spanId, parentSpanId } = span;
  const { code, message } = span.status;
  const linkOf = (to: Pick<SpanRecord, 'traceId' | 'spanId'>, { attributes }: SpanRecordLink): SpanLink => ({
    traceId: to.traceId,
    spanId: to.spanId,
    attributes: jsonValues(attributes),
    known: store.get(to.traceId) !== undefined,
  });
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: span.name,
    service: span.serviceName,
    kind: span.kind,
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    status: { code, ...(message !== undefined && { message }) },
    attributes: jsonValues(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: String(event.timeUnixNano),
      attributes: jsonValues(event.attributes),
    })),
    links: span.links.map((link) => linkOf(link, link)),
    linkedFrom: store.linksTo(traceId, spanId).map(({ span: from, link }) => linkOf(from, link)),
    logs: trace.logs
      .filter((log) => log.spanId === spanId)
      .toSorted(byTime)
      .map(logLine),
    resource: jsonValues(span.resourceAttributes),
    scope: span.scope,
  };
}
