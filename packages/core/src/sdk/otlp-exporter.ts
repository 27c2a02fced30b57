import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

import { withoutDiagnostics } from './globals.ts';
import { createGrpcExporter } from './grpc-exporter.ts';
import { type HurriedExporter, hurried } from './hurried-exporter.ts';
import type { OtlpSettings } from './otlp-settings.ts';

type Spans = Parameters<SpanExporter['export']>[0];

/** The OTLP exporter for the settings; undefined, and one message, where the package that it needs is missing. */
export function createOtlpExporter(settings: OtlpSettings): HurriedExporter<Spans> | undefined {
  return hurried<Spans>(settings, create);
}

type HttpConfig = NonNullable<ConstructorParameters<typeof ProtobufExporter>[0]>;

function create(settings: OtlpSettings): SpanExporter | undefined {
  if (settings.protocol === 'grpc') return createGrpcExporter(settings);
  const Exporter = settings.protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  // Upstream reads the same variables, and would warn of each in its own words after ours.
  return withoutDiagnostics(() => new Exporter(httpConfig(settings) as HttpConfig));
}

/** What an exporter of upstream over HTTP is made with, whatever it exports. */
export function httpConfig({ url, headers, timeoutMillis, compression, tls }: OtlpSettings): unknown {
  return {
    url,
    headers: { ...headers },
    timeoutMillis,
    // A string, which is what upstream's enumeration of compressions consists of.
    compression,
    httpAgentOptions: { keepAlive: true, ...tls },
  };
}
