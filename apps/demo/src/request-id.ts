import type { SpanRecord } from '@org/tracing-core';

import type { System } from './system.ts';

/** Says what belongs to the `request_id` of the first span: spans, log lines and services, counted. */
export function sayWhatJoins(spans: readonly SpanRecord[], { services }: System): string {
  const id = spans[0]?.attributes['request_id'];
  const joined = spans.filter(({ attributes }) => attributes['request_id'] === id);
  const lines = Object.values(services).flatMap(({ logs }) =>
    logs.filter(({ request_id }) => request_id === id),
  );
  const traces = new Set(joined.map(({ traceId }) => traceId));
  const names = new Set(joined.map(({ serviceName }) => serviceName));
  const all = joined.length === spans.length ? 'all ' : '';
  const counts = `${all}${joined.length} spans and ${lines.length} log lines of ${names.size} services`;
  return `request_id ${String(id)} joins ${traces.size} traces: ${counts}`;
}
