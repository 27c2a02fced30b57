import { diag } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-node';

import { errorText } from '../diagnostics.ts';
import { readNames } from '../environment.ts';
import { type BatchOptions, createBatchProcessor, resolveBatch } from './batch.ts';
import { ConsoleSpanProcessor } from './console-span-processor.ts';
import { createOtlpExporter } from './otlp-exporter.ts';
import { hasOtlpEndpoint, type OtlpOptions, resolveOtlp } from './otlp-settings.ts';

/** Ways out for spans, by the names that `OTEL_TRACES_EXPORTER` knows. */
export type ExporterName = 'console' | 'none' | 'otlp';

/** Every name of an exporter. */
export const EXPORTER_NAMES: readonly ExporterName[] = ['otlp', 'console', 'none'];

export interface ExportOptions {
  readonly exporter?: ExporterName | SpanExporter | readonly (ExporterName | SpanExporter)[] | undefined;
  readonly otlp?: OtlpOptions | undefined;
  readonly batch?: BatchOptions | undefined;
}

/** A way out: what takes ended spans, and how it is told that the process is about to end. */
export interface Export {
  readonly processor: SpanProcessor;
  readonly hurry?: (timeoutMillis: number) => void;
}

/** Which exporter: code, then `OTEL_TRACES_EXPORTER`, then OTLP where a collector is named, then the console. */
export function createExports(options: ExportOptions): readonly Export[] {
  const batch = resolveBatch(options.batch);
  const otlp = resolveOtlp(options.otlp);
  return chooseExporters(options).flatMap((chosen): Export[] => {
    if (chosen === 'none') return [];
    if (chosen === 'console') return [{ processor: new ConsoleSpanProcessor() }];
    if (chosen !== 'otlp') return [{ processor: createBatchProcessor(reporting(chosen), batch) }];
    const exporter = createOtlpExporter(otlp);
    if (exporter === undefined) return [];
    diag.info(`spans are sent to ${otlp.url} as ${otlp.protocol}`);
    return [
      {
        processor: createBatchProcessor(reporting(exporter), batch),
        hurry: (timeoutMillis) => exporter.hurry(timeoutMillis),
      },
    ];
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

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

// Unknown, since the SDK and this package may hold different copies of the enumeration: 0 is its success.
const NOTHING_MORE_TO_SAY: unknown = { code: 0 };

/** Says in one line that an export failed, where upstream would print a stack for each; and never throws. */
function reporting(exporter: SpanExporter): SpanExporter {
  return {
    export(spans, done) {
      function report(error: unknown): void {
        diag.warn(`${spans.length} span(s) were lost, the export failed: ${errorText(error)}`);
        done(NOTHING_MORE_TO_SAY as ExportResult);
      }
      try {
        exporter.export(spans, (result) => {
          if (Number(result.code) === 0) done(result);
          else report(result.error ?? 'no reason given');
        });
      } catch (error) {
        report(error);
      }
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
