import type { SpanExporter } from '@opentelemetry/sdk-trace';

import type { OtlpSettings } from './otlp-settings.ts';

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** What exporters of spans and of metrics have in common. */
export interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** An exporter that can be told that the process is about to end. */
export interface HurriedExporter<Batch> extends Exporter<Batch> {
  forceFlush(): Promise<void>;
  /** From now on an export gives up, retries included, after `timeoutMillis`. */
  hurry(timeoutMillis: number): void;
}

/** The exporter that `create` makes for the settings, undefined where it makes none. */
export function hurried<Batch>(
  settings: OtlpSettings,
  create: (settings: OtlpSettings) => Exporter<Batch> | undefined,
): HurriedExporter<Batch> | undefined {
  const usual = create(settings);
  if (usual === undefined) return undefined;
  let last: Exporter<Batch> | undefined;
  return {
    export: (batch, done) => (last ?? usual).export(batch, done),
    // Its timers hold the process, and its deadline is fixed when it is made: hence a second one for the end.
    hurry(timeoutMillis) {
      if (timeoutMillis < settings.timeoutMillis) last ??= create({ ...settings, timeoutMillis });
    },
    async forceFlush() {
      await Promise.all([usual.forceFlush?.(), last?.forceFlush?.()]);
    },
    async shutdown() {
      await Promise.all([usual.shutdown(), last?.shutdown()]);
    },
  };
}
