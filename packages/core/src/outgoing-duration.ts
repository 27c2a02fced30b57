import type { Attributes } from '@opentelemetry/api';

import {
  type DurationMetric,
  durationMetric,
  type DurationMetricDescription,
  HTTP_DURATION_BOUNDARIES,
} from './duration-metric.ts';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_VERSION,
} from './http-attributes.ts';
import { clientMetricAttributes, type OutgoingRequest } from './outgoing-request.ts';
import { version } from './version.ts';

/** Source: semantic-conventions, docs/http/http-metrics.md, `http.client.request.duration`. */
const HTTP_CLIENT_REQUEST_DURATION: DurationMetricDescription = {
  name: 'http.client.request.duration',
  description: 'Duration of HTTP client requests.',
  boundaries: HTTP_DURATION_BOUNDARIES,
};

const metric: DurationMetric = durationMetric(
  { name: '@org/tracing-core', version },
  HTTP_CLIENT_REQUEST_DURATION,
);

/** Measures one call, whether its span is recorded or not. */
export class OutgoingDuration {
  readonly #start = performance.now();
  readonly #attributes: Attributes;

  private constructor(request: OutgoingRequest) {
    this.#attributes = clientMetricAttributes(request);
  }

  /** Begins; undefined where nobody asked for metrics. */
  static begin(request: OutgoingRequest): OutgoingDuration | undefined {
    return metric.enabled ? new OutgoingDuration(request) : undefined;
  }

  connected(protocolVersion: string): void {
    this.#attributes[ATTR_NETWORK_PROTOCOL_VERSION] = protocolVersion;
  }

  answered(status: number): void {
    this.#attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
    if (status >= 400) this.#attributes[ATTR_ERROR_TYPE] = String(status);
  }

  failed(errorType: string): void {
    this.#attributes[ATTR_ERROR_TYPE] = errorType;
  }

  end(): void {
    metric.record((performance.now() - this.#start) / 1000, this.#attributes);
  }
}
