import { readInteger, readNames } from '../environment.ts';
import { hasOtlpEndpoint, type OtlpOptions } from './otlp-settings.ts';

/** Ways out for metrics, by the names that `OTEL_METRICS_EXPORTER` knows. */
export type MetricExporterName = 'console' | 'none' | 'otlp';

/** Every name of an exporter of metrics. */
export const METRIC_EXPORTER_NAMES: readonly MetricExporterName[] = ['otlp', 'console', 'none'];

/** How metrics are sent. Each option wins over its variable of the environment. */
export interface MetricsOptions {
  /**
   * Where they go; `OTEL_METRICS_EXPORTER`. Default `otlp` where a collector is named, in `otlp` or by
   * `OTEL_EXPORTER_OTLP_[METRICS_]ENDPOINT`, else `console`.
   */
  readonly exporter?: MetricExporterName | readonly MetricExporterName[];
  /** Milliseconds between two exports; `OTEL_METRIC_EXPORT_INTERVAL`. Default 60000. */
  readonly exportIntervalMillis?: number;
  /** Milliseconds that one export may take; `OTEL_METRIC_EXPORT_TIMEOUT`. Default 30000, at most the interval. */
  readonly exportTimeoutMillis?: number;
}

/** `MetricsOptions` and the environment, read. */
export interface MetricsSettings {
  /** Empty where there are to be no metrics. */
  readonly exporters: readonly Exclude<MetricExporterName, 'none'>[];
  readonly exportIntervalMillis: number;
  readonly exportTimeoutMillis: number;
}

/**
 * What options in code ask for, else the environment. Unlike in the specification an unset `OTEL_METRICS_EXPORTER`
 * means none: metrics are off until somebody asks for them.
 *
 * @param metrics `true` asks for them and leaves the rest to the environment; `false` wants none.
 */
export function resolveMetrics(
  metrics: MetricsOptions | boolean | undefined,
  otlp: OtlpOptions | undefined,
): MetricsSettings | undefined {
  if (metrics === false) return undefined;
  const options = typeof metrics === 'object' ? metrics : {};
  const asked = hasOtlpEndpoint(otlp, 'metrics') ? 'otlp' : 'console';
  const chosen =
    options.exporter ??
    readNames('OTEL_METRICS_EXPORTER', METRIC_EXPORTER_NAMES, [metrics === undefined ? 'none' : asked]);
  const exporters = [chosen].flat().filter((name) => name !== 'none');
  if (exporters.length === 0) return undefined;
  const exportIntervalMillis =
    options.exportIntervalMillis ?? readInteger('OTEL_METRIC_EXPORT_INTERVAL', { min: 1, fallback: 60_000 });
  const exportTimeoutMillis =
    options.exportTimeoutMillis ?? readInteger('OTEL_METRIC_EXPORT_TIMEOUT', { min: 1, fallback: 30_000 });
  return {
    exporters,
    exportIntervalMillis,
    // The SDK refuses a longer one.
    exportTimeoutMillis: Math.min(exportTimeoutMillis, exportIntervalMillis),
  };
}
