// Not by name: the banner that an ESM bundle needs declares `createRequire` itself.
import nodeModule from 'node:module';
import { join } from 'node:path';

import { diag } from '@opentelemetry/api';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

import { errorText } from '../diagnostics.ts';
import { withoutDiagnostics } from './globals.ts';
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
  const path = resolvePackage();
  if (path === undefined) {
    diag.error(
      `OTLP over gRPC needs the package ${PACKAGE}; install it beside the application: npm install ${PACKAGE}. ` +
        'Spans are not exported.',
    );
    return undefined;
  }
  try {
    return load(path, settings);
  } catch (error) {
    diag.error(`${PACKAGE} cannot be used, spans are not exported: ${errorText(error)}`);
    return undefined;
  }
}

function load(path: string, { url, headers, timeoutMillis, compression, tls }: OtlpSettings): SpanExporter {
  const requireHere = nodeModule.createRequire(path);
  const exporter = requireHere(path) as { OTLPTraceExporter: typeof OTLPTraceExporter };
  const base = requireHere('@opentelemetry/otlp-grpc-exporter-base') as GrpcBase;
  const metadata = base.createEmptyMetadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const secure = !url.startsWith('http://') && (tls.ca !== undefined || tls.cert !== undefined);
  // Unknown, since upstream's enumeration of compressions takes no string.
  const config: unknown = {
    url,
    metadata,
    timeoutMillis,
    compression,
    ...(secure && { credentials: base.createSslCredentials(tls.ca, tls.key, tls.cert) }),
  };
  return withoutDiagnostics(() => new exporter.OTLPTraceExporter(config as Config));
}

/** Looks beside this package, beside the program and in the working directory: any may be where it is. */
function resolvePackage(): string | undefined {
  // A bundle in CommonJS has no `import.meta.url`, whatever the types say.
  const here = import.meta.url as string | undefined;
  for (const place of [here, process.argv[1], join(process.cwd(), 'index.js')]) {
    if (place === undefined) continue;
    try {
      return nodeModule.createRequire(place).resolve(PACKAGE);
    } catch {
      // Not there: the next place.
    }
  }
  return undefined;
}
