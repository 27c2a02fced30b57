import { diag, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type * as MetricsSdk from '@opentelemetry/sdk-metrics';

import { errorText } from '../diagnostics.ts';
import { addressOf } from '../one-line.ts';
import { sharedState } from '../shared-state.ts';
import { consoleMetricExporter } from './console-metric-exporter.ts';
import { registeredGlobal, withoutDiagnostics } from './globals.ts';
import { createMetricExporter, METRIC_EXPORTER_PACKAGES } from './metric-exporter.ts';
import { type MetricsOptions, type MetricsSettings, resolveMetrics } from './metrics-options.ts';
import { findOptionalPackage, type OptionalPackage } from './optional-package.ts';
import { type OtlpOptions, type OtlpSettings, resolveOtlp } from './otlp-settings.ts';

/** Metrics that are being recorded. Neither promise rejects. */
export interface RunningMetrics {
  /** From now on an export gives up after `timeoutMillis`. */
  hurry(timeoutMillis: number): void;
  forceFlush(): Promise<void>;
  /** Sends what is recorded, and records no more. A provider of the application's goes on. */
  shutdown(): Promise<void>;
}

interface Options {
  readonly metrics?: MetricsOptions | boolean | undefined;
  readonly otlp?: OtlpOptions | undefined;
}

/** The metrics SDK: an optional peer, which is loaded where metrics are asked for and not otherwise. */
const SDK_PACKAGE = '@opentelemetry/sdk-metrics';

/**
 * Records metrics where options or the environment ask for them: with the meter provider that the application has
 * registered, else with one made here. Undefined, and one message, where a package that this needs is not installed.
 *
 * @param createResource Asked where a provider is made.
 */
export function startMetrics(options: Options, createResource: () => Resource): RunningMetrics | undefined {
  const settings = resolveMetrics(options.metrics, options.otlp);
  if (settings === undefined) return undefined;
  if (registeredGlobal('metrics') !== undefined) return joinApplication();
  const otlp = settings.exporters.includes('otlp') ? resolveOtlp(options.otlp, 'metrics') : undefined;
  const packages = findPackages(otlp);
  if (packages === undefined) return undefined;
  try {
    return startProvider(settings, otlp, packages, createResource());
  } catch (error) {
    diag.error(`no metrics are recorded, the metrics SDK cannot be used: ${errorText(error)}`);
    return undefined;
  }
}

interface Packages {
  readonly sdk: OptionalPackage;
  /** Undefined where none is asked for. */
  readonly exporter: OptionalPackage | undefined;
}

function findPackages(otlp: OtlpSettings | undefined): Packages | undefined {
  const exporterName = otlp && METRIC_EXPORTER_PACKAGES[otlp.protocol];
  const exporter = exporterName === undefined ? undefined : findOptionalPackage(exporterName);
  const sdk = findOptionalPackage(SDK_PACKAGE);
  const missing = [
    ...(sdk === undefined ? [SDK_PACKAGE] : []),
    ...(exporterName !== undefined && exporter === undefined ? [exporterName] : []),
  ];
  if (sdk !== undefined && missing.length === 0) return { sdk, exporter };
  diag.error(
    `metrics need ${missing.join(' and ')}; install beside the application: npm install ${missing.join(' ')}. ` +
      'No metrics are recorded.',
  );
  return undefined;
}

function startProvider(
  { exporters, ...timing }: MetricsSettings,
  otlp: OtlpSettings | undefined,
  packages: Packages,
  resource: Resource,
): RunningMetrics {
  const sdk = packages.sdk.load() as typeof MetricsSdk;
  const sender = otlp && packages.exporter && createMetricExporter(packages.exporter, otlp);
  const readers = exporters.flatMap((name) => {
    const exporter = name === 'console' ? consoleMetricExporter() : sender;
    return exporter ? [new sdk.PeriodicExportingMetricReader({ exporter, ...timing })] : [];
  });
  const provider = withoutDiagnostics(() => new sdk.MeterProvider({ resource, readers }));
  metrics.setGlobalMeterProvider(provider);
  sharedState().metrics = true;
  if (sender) diag.info(`metrics are sent to ${addressOf(otlp?.url ?? '')} as ${otlp?.protocol}`);
  return {
    hurry: (timeoutMillis) => sender?.hurry(timeoutMillis),
    forceFlush: () => quietly('forceFlush', () => provider.forceFlush()),
    async shutdown() {
      delete sharedState().metrics;
      const ended = quietly('shutdown', () => provider.shutdown());
      metrics.disable();
      await ended;
    },
  };
}

/** Uses the meter provider that the application registered before. */
function joinApplication(): RunningMetrics {
  sharedState().metrics = true;
  const provider: MeterProvider & { forceFlush?: () => Promise<void> } = metrics.getMeterProvider();
  const forceFlush = (): Promise<void> => quietly('forceFlush', async () => provider.forceFlush?.());
  return {
    hurry: () => undefined,
    forceFlush,
    async shutdown() {
      delete sharedState().metrics;
      await forceFlush();
    },
  };
}

async function quietly(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    diag.warn(`${what} of metrics failed: ${errorText(error)}`);
  }
}
