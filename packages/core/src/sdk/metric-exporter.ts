import { diag } from '@opentelemetry/api';
import type { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

import { errorText } from '../diagnostics.ts';
import { readEnum } from '../environment.ts';
import { withoutDiagnostics } from './globals.ts';
import { grpcConfig } from './grpc-exporter.ts';
import { type HurriedExporter, hurried } from './hurried-exporter.ts';
import type { OptionalPackage } from './optional-package.ts';
import { httpConfig } from './http-config.ts';
import type { OtlpProtocol, OtlpSettings } from './otlp-settings.ts';

/** The package that sends metrics by each protocol. */
export const METRIC_EXPORTER_PACKAGES: Readonly<Record<OtlpProtocol, string>> = {
  'http/protobuf': '@opentelemetry/exporter-metrics-otlp-proto',
  'http/json': '@opentelemetry/exporter-metrics-otlp-http',
  grpc: '@opentelemetry/exporter-metrics-otlp-grpc',
};

/** An exporter of metrics that can be told that the process is about to end. */
export type HurriedMetricExporter = HurriedExporter<ResourceMetrics> & PushMetricExporter;

/** The OTLP exporter for the settings, out of its package, which is loaded now. Throws where that cannot be done. */
export function createMetricExporter(
  found: OptionalPackage,
  settings: OtlpSettings,
): HurriedMetricExporter | undefined {
  warnOfTemporality();
  const upstream = found.load() as { OTLPMetricExporter: typeof OTLPMetricExporter };
  let first: OTLPMetricExporter | undefined;
  const exporter = hurried<ResourceMetrics>(settings, (now) => {
    const config = now.protocol === 'grpc' ? grpcConfig(found, now) : httpConfig(now);
    // Upstream reads the same variables, and would warn of each in its own words after ours.
    const made = withoutDiagnostics(
      () => new upstream.OTLPMetricExporter(config as ConstructorParameters<typeof OTLPMetricExporter>[0]),
    );
    first ??= made;
    return made;
  });
  if (exporter === undefined || first === undefined) return undefined;
  const { selectAggregation, selectAggregationTemporality } = first;
  return {
    ...reporting(exporter),
    hurry: (timeoutMillis) => exporter.hurry(timeoutMillis),
    selectAggregation: selectAggregation.bind(first),
    selectAggregationTemporality: selectAggregationTemporality.bind(first),
  };
}

/** The exporter itself reads it, without a word. */
function warnOfTemporality(): void {
  const known = ['cumulative', 'delta', 'lowmemory'] as const;
  readEnum('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', known, 'cumulative');
}

type Done = Parameters<PushMetricExporter['export']>[1];

// Unknown, since the SDK and this package may hold different copies of the enumeration: 0 is its success.
const NOTHING_MORE_TO_SAY: unknown = { code: 0 };

/** Says in one line that an export failed, where upstream would print a stack for each. */
function reporting(exporter: HurriedExporter<ResourceMetrics>): PushMetricExporter {
  return {
    export(batch, done) {
      exporter.export(batch, (result) => {
        if (Number(result.code) !== 0) {
          diag.warn(
            `metrics were not sent, the export failed: ${errorText(result.error ?? 'no reason given')}`,
          );
        }
        done(NOTHING_MORE_TO_SAY as Parameters<Done>[0]);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
