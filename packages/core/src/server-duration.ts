import type { Attributes } from '@opentelemetry/api';

import {
  type DurationMetric,
  type DurationMetricDescription,
  HTTP_DURATION_BOUNDARIES,
} from './duration-metric.ts';
import type { RequestFacts } from './early-request.ts';
import { originalTarget } from './forwarded.ts';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
} from './http-attributes.ts';
import { normalizeMethod } from './http-method.ts';
import type { Outcome } from './request-description.ts';

/** Source: semantic-conventions, docs/http/http-metrics.md, `http.server.request.duration`. */
export const HTTP_SERVER_REQUEST_DURATION: DurationMetricDescription = {
  name: 'http.server.request.duration',
  description: 'Duration of HTTP server requests.',
  boundaries: HTTP_DURATION_BOUNDARIES,
};

/** Records how long a request took, by what there are few different values of. */
export function recordDuration(
  metric: DurationMetric,
  request: RequestFacts,
  method: string | undefined,
  { route, status, errorType }: Outcome,
  millis: number,
): void {
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: normalizeMethod(method ?? 'GET'),
    [ATTR_URL_SCHEME]: originalTarget(request).scheme,
    [ATTR_NETWORK_PROTOCOL_VERSION]: request.httpVersion,
  };
  if (route !== undefined) attributes[ATTR_HTTP_ROUTE] = route;
  if (status !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  metric.record(millis / 1000, attributes);
}
