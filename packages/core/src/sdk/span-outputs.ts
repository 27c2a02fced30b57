import { diag } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

import { readNames } from '../environment.ts';
import type { ExportReport } from '../tracing-report.ts';
import { type BatchOptions, resolveBatch } from './batch-options.ts';
import { consoleOutput } from './console-output.ts';
import { exporterSender } from './exporter-sender.ts';
import { hasOtlpEndpoint, type OtlpOptions, resolveOtlp } from './otlp-settings.ts';
import { createOtlpSender } from './otlp-sender.ts';
import { SpanBatcher } from './span-batcher.ts';

/** Ways out for spans, by the names that `OTEL_TRACES_EXPORTER` knows. */
export type ExporterName = 'console' | 'none' | 'otlp';

/** Every name of an exporter. */
export const EXPORTER_NAMES: readonly ExporterName[] = ['otlp', 'console', 'none'];

export interface ExportOptions {
  readonly exporter?: ExporterName | SpanExporter | readonly (ExporterName | SpanExporter)[] | undefined;
  readonly otlp?: OtlpOptions | undefined;
  readonly batch?: BatchOptions | undefined;
  readonly flushOnCrash?: boolean | undefined;
}

/** A way out for ended spans. */
export interface SpanOutput extends Omit<SpanProcessor, 'onEnding' | 'onStart'> {
  /** Absent where a span is nothing before its end. */
  onStart?: SpanProcessor['onStart'];
  /** Sends each span as soon as it ends, since the process is about to. */
  hasten(): void;
  /** Tries to send everything, for so long at most. Never rejects. */
  drain(timeoutMillis: number): Promise<void>;
  /** Sends what can be sent without the event loop, since the process ends now. */
  lastWords(): void;
  report(): ExportReport;
}

/** Which exporter: code, then `OTEL_TRACES_EXPORTER`, then OTLP where a collector is named, then the console. */
export function createOutputs(options: ExportOptions): readonly SpanOutput[] {
  const batch = resolveBatch(options.batch);
  const otlp = resolveOtlp(options.otlp);
  return chooseExporters(options).flatMap((chosen): SpanOutput[] => {
    if (chosen === 'none') return [];
    if (chosen === 'console') return [consoleOutput()];
    const sender = chosen === 'otlp' ? createOtlpSender(otlp) : exporterSender(exporterName(chosen), chosen);
    if (sender === undefined) return [];
    if (chosen === 'otlp') diag.info(`spans are sent to ${sender.address} as ${otlp.protocol}`);
    return [new SpanBatcher(sender, batch, options.flushOnCrash)];
  });
}

/** What spans go to, by name or as it was handed in. */
export function chooseExporters({ exporter, otlp }: ExportOptions): readonly (ExporterName | SpanExporter)[] {
  if (exporter !== undefined) return isList(exporter) ? exporter : [exporter];
  const fallback: ExporterName = hasOtlpEndpoint(otlp) ? 'otlp' : 'console';
  return readNames('OTEL_TRACES_EXPORTER', EXPORTER_NAMES, [fallback]);
}

// `Array.isArray` does not narrow a read-only array.
function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

/** What an exporter of the application's own is called. */
export function exporterName({ constructor: { name } }: SpanExporter): string {
  return name === 'Object' ? 'the exporter' : name;
}
