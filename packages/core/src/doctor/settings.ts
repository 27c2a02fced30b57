import { readBoolean } from '../environment.ts';
import { resolveBatch } from '../sdk/batch-options.ts';
import { withMessages } from '../sdk/globals.ts';
import type { InitTracingOptions } from '../sdk/options.ts';
import { type OtlpSettings, resolveOtlp } from '../sdk/otlp-settings.ts';
import { addressOf } from '../one-line.ts';
import { causeOf } from '../sdk/export-cause.ts';
import { createPropagator } from '../sdk/propagators.ts';
import { createResource } from '../sdk/resource.ts';
import { createSampling } from '../sdk/sampler.ts';
import { resolveSpanLimits } from '../sdk/span-limits.ts';
import { chooseExporters, exporterName } from '../sdk/span-outputs.ts';
import type { ReportedExporter } from './doctor-report.ts';

/** What `initTracing` makes of its options and the environment. */
export interface DoctorSettings {
  readonly disabled: boolean;
  readonly service: string;
  readonly sampler: string;
  /** Header fields in which context travels. */
  readonly fields: readonly string[];
  readonly exporters: readonly string[];
  /** Undefined where nothing goes there. */
  readonly otlp: OtlpSettings | undefined;
  /** What is wrong, in the words in which it is warned about at the start. */
  readonly warnings: readonly string[];
}

/** Reads options and environment as `initTracing` does, and says nothing to anybody else. */
export function readSettings(options: InitTracingOptions = {}): DoctorSettings {
  const { value, messages } = withMessages(() => read(options));
  const { failures, ...settings } = value;
  return { ...settings, warnings: [...messages, ...failures] };
}

function read(options: InitTracingOptions): Omit<DoctorSettings, 'warnings'> & { failures: string[] } {
  const failures: string[] = [];
  const attempt = <T>(work: () => T, fallback: T): T => {
    try {
      return work();
    } catch (error) {
      failures.push(causeOf(error));
      return fallback;
    }
  };
  const exporters = attempt(
    () =>
      chooseExporters(options).map((chosen) => (typeof chosen === 'string' ? chosen : exporterName(chosen))),
    [],
  );
  attempt(() => resolveBatch(options.batch), undefined);
  attempt(() => resolveSpanLimits(options.spanLimits), undefined);
  return {
    disabled: options.disabled ?? readBoolean('OTEL_SDK_DISABLED'),
    service: attempt(() => String(createResource(options).attributes['service.name']), 'unknown'),
    sampler: attempt(() => describe(createSampling(options.sampler, options.samplerRatio)), 'unknown'),
    fields: attempt(() => createPropagator(options.propagators).fields(), []),
    exporters,
    otlp: exporters.includes('otlp') ? attempt(() => resolveOtlp(options.otlp), undefined) : undefined,
    failures,
  };
}

/** One of the application's own may have nothing to say for itself. */
function describe(sampler: object): string {
  const text = String(sampler);
  return text.startsWith('[object ') ? "the application's own" : text;
}

/** The ways out, as they are reported. */
export function reportedExporters({ exporters, otlp }: DoctorSettings): readonly ReportedExporter[] {
  return exporters.map((name) =>
    name === 'otlp' && otlp ? { name, url: addressOf(otlp.url), protocol: otlp.protocol } : { name },
  );
}

const FORMATS: readonly (readonly [field: string, format: string])[] = [
  ['traceparent', 'tracecontext'],
  ['tracestate', 'tracecontext'],
  ['baggage', 'baggage'],
  ['b3', 'b3'],
  ['x-b3-traceid', 'b3multi'],
  ['x-b3-spanid', 'b3multi'],
  ['x-b3-flags', 'b3multi'],
  ['x-b3-sampled', 'b3multi'],
  ['x-b3-parentspanid', 'b3multi'],
  ['x-amzn-trace-id', 'xray'],
];

/** The names of formats, by the fields that they write; a field of no known format stands for itself. */
export function formatsOf(fields: readonly string[]): readonly string[] {
  const known = new Map(FORMATS);
  return [...new Set(fields.map((field) => known.get(field.toLowerCase()) ?? field))];
}
