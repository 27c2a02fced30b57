import { diag } from '@opentelemetry/api';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

import { errorText } from '../diagnostics.ts';
import { withoutDiagnostics } from './globals.ts';
import { findOptionalPackage, type OptionalPackage } from './optional-package.ts';
import type { OtlpSettings } from './otlp-settings.ts';

const PACKAGE = '@opentelemetry/exporter-trace-otlp-grpc';

type Config = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

/** What is used of the exporter's own base package, which makes its credentials and metadata. */
interface GrpcBase {
  createEmptyMetadata(): NonNullable<Config['metadata']>;
  createSslCredentials(ca?: Buffer, key?: Buffer, cert?: Buffer): NonNullable<Config['credentials']>;
}

/** The gRPC exporter, loaded now; undefined, and one message, where its package is not installed. */
export function createGrpcExporter(settings: OtlpSettings): SpanExporter | undefined {
  const found = findOptionalPackage(PACKAGE);
  if (found === undefined) {
    diag.error(
      `OTLP over gRPC needs the package ${PACKAGE}; install it beside the application: npm install ${PACKAGE}. ` +
        'Spans are not exported.',
    );
    return undefined;
  }
  try {
    const exporter = found.load() as { OTLPTraceExporter: typeof OTLPTraceExporter };
    const config = grpcConfig(found, settings) as Config;
    return withoutDiagnostics(() => new exporter.OTLPTraceExporter(config));
  } catch (error) {
    diag.error(`${PACKAGE} cannot be used, spans are not exported: ${errorText(error)}`);
    return undefined;
  }
}

/** What an exporter of upstream over gRPC is made with, whatever it exports. */
export function grpcConfig(exporter: OptionalPackage, settings: OtlpSettings): unknown {
  const { url, headers, timeoutMillis, compression, tls } = settings;
  const base = exporter.loadDependency('@opentelemetry/otlp-grpc-exporter-base') as GrpcBase;
  const metadata = base.createEmptyMetadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const secure = !url.startsWith('http://') && (tls.ca !== undefined || tls.cert !== undefined);
  return {
    url,
    metadata,
    timeoutMillis,
    // A string, which is what upstream's enumeration of compressions consists of.
    compression,
    ...(secure && { credentials: base.createSslCredentials(tls.ca, tls.key, tls.cert) }),
  };
}
