/** A configuration as a collector is given it: one file, or several of which each is laid over those before it. */
export interface Configuration {
  /** Below `apps/collector`. */
  readonly files: readonly string[];
  /** `adot` is the distribution of AWS, which has fewer components and older names. */
  readonly distribution: 'contrib' | 'adot';
}

/** All that there are: a test looks for files that are in none. */
export const CONFIGURATIONS: readonly Configuration[] = [
  contrib('sidecar/collector.yaml'),
  contrib('sidecar/collector.yaml', 'sidecar/authorization.yaml'),
  contrib('sidecar/datadog.yaml'),
  contrib('jaeger/collector.yaml'),
  { files: ['xray/collector.yaml'], distribution: 'adot' },
  contrib('xray/collector-otlp.yaml'),
  contrib('kubernetes/sidecar/collector.yaml'),
  contrib('kubernetes/daemonset/collector.yaml'),
  contrib('gateway/front.yaml'),
  contrib('gateway/sampling.yaml'),
  contrib('gateway/kafka/front.yaml'),
  contrib('gateway/kafka/sampling.yaml'),
];

function contrib(...files: string[]): Configuration {
  return { files, distribution: 'contrib' };
}
