import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { Tracer } from '@opentelemetry/api';
import type * as exporter from '@opentelemetry/exporter-trace-otlp-proto';
import type * as resources from '@opentelemetry/resources';
import type * as sdk from '@opentelemetry/sdk-trace-node';
import type * as kit from '@org/tracing-core';

/** What makes spans and sends them in batches of 512. */
export interface SpanTracing {
  readonly tracer: Tracer;
  /** Resolves when every span has been sent. */
  flush(): Promise<void>;
}

/** Where the spans go, and in which form. */
export interface Destination {
  /** Of the collector, without the path of a signal. */
  readonly url: string;
  readonly form: 'json' | 'protobuf';
  /** Spans that wait at most. */
  readonly queueSize: number;
}

/** An hour: spans go when they are flushed, or when a batch is full. */
const NEVER_MILLIS = 3_600_000;
const BATCH_SIZE = 512;

const PACKAGES = {
  json: '@opentelemetry/exporter-trace-otlp-http',
  protobuf: '@opentelemetry/exporter-trace-otlp-proto',
};

/** @param modules Folder with the peers' modules. */
export function startSpanTracing(setup: string, modules: string, destination: Destination): SpanTracing {
  return setup === 'kit' ? startKit(destination) : startStock(modules, destination);
}

function startKit({ url, form, queueSize }: Destination): SpanTracing {
  const { initTracing } = createRequire(import.meta.url)('@org/tracing-core') as typeof kit;
  const tracing = initTracing({
    serviceName: 'bench',
    otlp: { endpoint: url, protocol: `http/${form}` },
    batch: { maxQueueSize: queueSize, maxExportBatchSize: BATCH_SIZE, scheduleDelayMillis: NEVER_MILLIS },
    logLevel: 'none',
  });
  return { tracer: tracing.tracer, flush: () => tracing.forceFlush() };
}

function startStock(modules: string, { url, form, queueSize }: Destination): SpanTracing {
  const load = createRequire(join(modules, 'package.json'));
  const { NodeTracerProvider, BatchSpanProcessor } = load('@opentelemetry/sdk-trace-node') as typeof sdk;
  const { OTLPTraceExporter } = load(PACKAGES[form]) as typeof exporter;
  const { resourceFromAttributes } = load('@opentelemetry/resources') as typeof resources;
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }), {
    maxQueueSize: queueSize,
    maxExportBatchSize: BATCH_SIZE,
    scheduledDelayMillis: NEVER_MILLIS,
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'bench' }),
    spanProcessors: [processor],
  });
  provider.register();
  return { tracer: provider.getTracer('bench', '1.0.0'), flush: () => provider.forceFlush() };
}
