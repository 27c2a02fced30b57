import type { Attributes } from '@opentelemetry/api';

import { type OtlpSink, otlpSink, type ReceivedExport, type SinkOptions } from './otlp-sink.ts';

/** One series of a histogram, as it came by OTLP in JSON. */
export interface ReceivedSeries {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly scope: string;
  readonly attributes: Attributes;
  readonly count: number;
  /** In the metric's unit. */
  readonly sum: number;
  readonly bounds: readonly number[];
}

interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: string;
        readonly description: string;
        readonly histogram?: {
          readonly dataPoints: readonly {
            readonly attributes: readonly KeyValue[];
            readonly count: number;
            readonly sum: number;
            readonly explicitBounds: readonly number[];
          }[];
        };
      }[];
    }[];
  }[];
}

/** A collector, and the environment in which metrics are sent to it in JSON, and spans nowhere. */
export async function metricSink(
  options?: SinkOptions,
): Promise<OtlpSink & { environment: Record<string, string> }> {
  const sink = await otlpSink(options);
  const environment = {
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  };
  return { ...sink, environment };
}

/** The histograms of an export. */
export function seriesOf({ body }: ReceivedExport): readonly ReceivedSeries[] {
  return parse(body).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.flatMap(({ name, unit, description, histogram }) =>
        (histogram?.dataPoints ?? []).map(({ attributes, count, sum, explicitBounds }) => ({
          name,
          unit,
          description,
          scope: scope.name,
          attributes: plain(attributes),
          count,
          sum,
          bounds: explicitBounds,
        })),
      ),
    ),
  );
}

/** The resource of an export. */
export function resourceOf({ body }: ReceivedExport): Attributes {
  return plain(parse(body)[0]?.resource.attributes ?? []);
}

function parse(body: Buffer): MetricsRequest['resourceMetrics'] {
  return (JSON.parse(body.toString()) as MetricsRequest).resourceMetrics;
}

function plain(attributes: readonly KeyValue[]): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}
