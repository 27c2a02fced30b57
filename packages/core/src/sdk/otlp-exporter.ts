import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

import { withoutDiagnostics } from './globals.ts';
import { createGrpcExporter } from './grpc-exporter.ts';
import type { OtlpSettings } from './otlp-settings.ts';

/** An exporter that can be told that the process is about to end. */
export interface HurriedExporter extends SpanExporter {
  /** From now on an export gives up, retries included, after `timeoutMillis`. */
  hurry(timeoutMillis: number): void;
}

/** The OTLP exporter for the settings; undefined, and one message, where the package that it needs is missing. */
export function createOtlpExporter(settings: OtlpSettings): HurriedExporter | undefined {
  const usual = create(settings);
  if (usual === undefined) return undefined;
  let last: SpanExporter | undefined;
  return {
    export: (spans, done) => (last ?? usual).export(spans, done),
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

type HttpConfig = NonNullable<ConstructorParameters<typeof ProtobufExporter>[0]>;

function create(settings: OtlpSettings): SpanExporter | undefined {
  if (settings.protocol === 'grpc') return createGrpcExporter(settings);
  const Exporter = settings.protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const { url, headers, timeoutMillis, compression, tls } = settings;
  // Unknown, since upstream's enumeration of compressions takes no string.
  const config: unknown = {
    url,
    headers: { ...headers },
    timeoutMillis,
    compression,
    httpAgentOptions: { keepAlive: true, ...tls },
  };
  // Upstream reads the same variables, and would warn of each in its own words after ours.
  return withoutDiagnostics(() => new Exporter(config as HttpConfig));
}
