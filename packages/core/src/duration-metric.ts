import { type Attributes, type Histogram, metrics, type MeterProvider } from '@opentelemetry/api';

import { sharedState } from './shared-state.ts';

/** A duration of the semantic conventions: a histogram in seconds. */
export interface DurationMetric {
  /** Whether anybody asked for metrics; where nobody did, no time is taken and no attribute computed. */
  readonly enabled: boolean;
  /** @param seconds The duration. @param attributes Of low cardinality alone: never a path, an id or an address of a client. */
  record(seconds: number, attributes: Attributes): void;
}

/** What a metric is, in the words of its convention. */
export interface DurationMetricDescription {
  /** `http.server.request.duration`. */
  readonly name: string;
  readonly description: string;
  /** Upper bounds of the buckets, in seconds. */
  readonly boundaries: readonly number[];
}

/** Source: semantic-conventions, docs/http/http-metrics.md. */
export const HTTP_DURATION_BOUNDARIES: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/**
 * A duration that is recorded by whichever meter provider is registered at that moment.
 *
 * @param scope Instrumentation scope: the package's name and version.
 */
export function durationMetric(
  scope: { readonly name: string; readonly version: string },
  { name, description, boundaries }: DurationMetricDescription,
): DurationMetric {
  let provider: MeterProvider | undefined;
  let histogram: Histogram | undefined;
  function current(): Histogram {
    const registered = metrics.getMeterProvider();
    if (histogram === undefined || registered !== provider) {
      provider = registered;
      histogram = registered.getMeter(scope.name, scope.version).createHistogram(name, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: [...boundaries] },
      });
    }
    return histogram;
  }
  return {
    get enabled() {
      return sharedState().metrics === true;
    },
    record: (seconds, attributes) => current().record(seconds, attributes),
  };
}
