import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

import { MAX_TIMER_MILLIS, readInteger } from '../environment.ts';

/** How ended spans are collected before they are sent. Each wins over its variable of the environment. */
export interface BatchOptions {
  /** Milliseconds between two exports. Default 5000. */
  readonly scheduleDelayMillis?: number;
  /** Milliseconds that one export may take; 0 for no bound. Default 30000. */
  readonly exportTimeoutMillis?: number;
  /** Spans that wait at most; what comes beyond is dropped. Default 2048. */
  readonly maxQueueSize?: number;
  /** Spans of one export, at most the queue's size. Default 512. */
  readonly maxExportBatchSize?: number;
}

/** The settings from code, else from the environment. */
export function resolveBatch(options: BatchOptions = {}): Required<BatchOptions> {
  const maxQueueSize =
    options.maxQueueSize ?? readInteger('OTEL_BSP_MAX_QUEUE_SIZE', { min: 1, fallback: 2048 });
  return {
    scheduleDelayMillis:
      options.scheduleDelayMillis ?? readInteger('OTEL_BSP_SCHEDULE_DELAY', { min: 0, fallback: 5000 }),
    exportTimeoutMillis:
      options.exportTimeoutMillis ?? readInteger('OTEL_BSP_EXPORT_TIMEOUT', { min: 0, fallback: 30_000 }),
    maxQueueSize,
    maxExportBatchSize: Math.min(
      options.maxExportBatchSize ??
        readInteger('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', {
          min: 1,
          max: maxQueueSize,
          fallback: Math.min(512, maxQueueSize),
        }),
      maxQueueSize,
    ),
  };
}

/** Collects ended spans and hands them to `exporter`: the one place that knows which batch processor it is. */
export function createBatchProcessor(exporter: SpanExporter, batch: Required<BatchOptions>): SpanProcessor {
  const processor = new BatchSpanProcessor(exporter, {
    scheduledDelayMillis: batch.scheduleDelayMillis,
    exportTimeoutMillis: batch.exportTimeoutMillis === 0 ? MAX_TIMER_MILLIS : batch.exportTimeoutMillis,
    maxQueueSize: batch.maxQueueSize,
    maxExportBatchSize: batch.maxExportBatchSize,
  });
  return {
    onStart: () => undefined,
    onEnd: (span) => processor.onEnd(span),
    async forceFlush() {
      await processor.forceFlush();
      // Upstream's does not wait for the batch that is on its way already.
      await exporter.forceFlush?.();
    },
    shutdown: () => processor.shutdown(),
  };
}
