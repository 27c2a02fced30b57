import type { Attributes } from '@opentelemetry/api';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';

import { lineWriter, type LogStream } from '../log-output.ts';

type Done = Parameters<PushMetricExporter['export']>[1];
type Metric = ResourceMetrics['scopeMetrics'][number]['metrics'][number];

// Unknown, since the SDK and this package may hold different copies of the enumeration.
const SUCCESS: unknown = { code: 0 };

/** Prints every series in a line of its own, on stderr as spans are. */
export function consoleMetricExporter(stream: LogStream = process.stderr): PushMetricExporter {
  const write = lineWriter(stream);
  return {
    export({ scopeMetrics }, done) {
      for (const { metrics } of scopeMetrics) {
        for (const metric of metrics) write(linesOf(metric));
      }
      done(SUCCESS as Parameters<Done>[0]);
    },
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
}

function linesOf({ descriptor, dataPoints }: Metric): string {
  return dataPoints
    .map(
      ({ attributes, value }) =>
        `metric ${descriptor.name}${textOf(attributes)} ${valueOf(value, descriptor.unit)}`,
    )
    .join('\n');
}

function textOf(attributes: Attributes): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? '' : ` {${pairs.join(', ')}}`;
}

function valueOf(value: Metric['dataPoints'][number]['value'], unit: string): string {
  const withUnit = (number: number | undefined): string => `${number}${unit && ` ${unit}`}`;
  if (typeof value === 'number') return withUnit(value);
  const { count, sum, min, max } = value;
  return `count ${count}, sum ${withUnit(sum)}, min ${withUnit(min)}, max ${withUnit(max)}`;
}
