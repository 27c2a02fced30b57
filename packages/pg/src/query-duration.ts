import type { Attributes } from '@opentelemetry/api';
import { durationMetric, type DurationMetric } from '@org/tracing-core';

import { connectionAttributes, type ConnectionParameters } from './connection-attributes.ts';
import { errorAttributes } from './query-error.ts';
import { version } from './version.ts';

/** Semantic conventions, docs/db/database-metrics.md, "Metric: db.client.operation.duration". */
export const queryDuration: DurationMetric = durationMetric(
  { name: '@org/tracing-pg', version },
  {
    name: 'db.client.operation.duration',
    description: 'Duration of database client operations.',
    boundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  },
);

/** Takes the time of a query from now on. The returned function is told of its end, with the error of a failure. */
export function measureQuery(
  parameters: ConnectionParameters,
  summary: string | undefined,
): (failure?: { readonly error: unknown }) => void {
  const started = performance.now();
  return (failure) => {
    const attributes: Attributes = connectionAttributes(parameters);
    if (summary) attributes['db.query.summary'] = summary;
    if (failure) Object.assign(attributes, errorAttributes(failure.error));
    queryDuration.record((performance.now() - started) / 1000, attributes);
  };
}
