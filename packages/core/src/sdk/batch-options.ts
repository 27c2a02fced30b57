import { readInteger } from '../environment.ts';

/** How ended spans are collected before they are sent. Each wins over its variable of the environment. */
export interface BatchOptions {
  /** Milliseconds that a span waits at most before it is sent, while all is well. Default 5000. */
  readonly scheduleDelayMillis?: number;
  /** Milliseconds that one attempt to send a batch may take; 0 for no bound. Default 30000. */
  readonly exportTimeoutMillis?: number;
  /**
   * Spans that wait at most, beside the batch that is on its way; what comes beyond is dropped, and counted.
   * Default 2048.
   */
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
