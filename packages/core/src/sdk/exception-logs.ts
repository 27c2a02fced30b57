import { diag } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import type { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import type * as LogsSdk from '@opentelemetry/sdk-logs';

import { errorText } from '../diagnostics.ts';
import { EXCEPTION_SIGNAL_VARIABLE, exceptionSignal, hasLoggerProvider } from '../exception-signal.ts';
import { withoutDiagnostics } from './globals.ts';
import { grpcConfig } from './grpc-exporter.ts';
import { type HurriedExporter, hurried } from './hurried-exporter.ts';
import { findOptionalPackage, type OptionalPackage } from './optional-package.ts';
import { httpConfig } from './http-config.ts';
import { hasOtlpEndpoint, type OtlpOptions, type OtlpProtocol, resolveOtlp } from './otlp-settings.ts';

/** Log records of exceptions that are being sent. Neither promise rejects. */
export interface RunningExceptionLogs {
  /** From now on an export gives up after `timeoutMillis`. */
  hurry(timeoutMillis: number): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** The logs SDK: an optional peer, which is loaded where exceptions are to be log records and not otherwise. */
const SDK_PACKAGE = '@opentelemetry/sdk-logs';

const EXPORTER_PACKAGES: Readonly<Record<OtlpProtocol, string>> = {
  'http/protobuf': '@opentelemetry/exporter-logs-otlp-proto',
  'http/json': '@opentelemetry/exporter-logs-otlp-http',
  grpc: '@opentelemetry/exporter-logs-otlp-grpc',
};

type Records = Parameters<OTLPLogExporter['export']>[0];

/**
 * Sends exceptions as log records by OTLP, where the environment asks for log records, a collector is named and the
 * application has registered no logger provider of its own. Undefined otherwise.
 *
 * @param createResource Asked where a provider is made.
 */
export function startExceptionLogs(
  options: OtlpOptions | undefined,
  createResource: () => Resource,
): RunningExceptionLogs | undefined {
  if (exceptionSignal() === 'span' || hasLoggerProvider() || !hasOtlpEndpoint(options, 'logs'))
    return undefined;
  const settings = resolveOtlp(options, 'logs');
  const exporterName = EXPORTER_PACKAGES[settings.protocol];
  const sdk = findOptionalPackage(SDK_PACKAGE);
  const sender = findOptionalPackage(exporterName);
  if (sdk === undefined || sender === undefined) {
    const missing = [...(sdk ? [] : [SDK_PACKAGE]), ...(sender ? [] : [exporterName])];
    diag.error(
      `${EXCEPTION_SIGNAL_VARIABLE} needs ${missing.join(' and ')}; install beside the application: ` +
        `npm install ${missing.join(' ')}. Exceptions stay span events.`,
    );
    return undefined;
  }
  try {
    const exporter = hurried<Records>(settings, (now) => {
      const upstream = sender.load() as { OTLPLogExporter: typeof OTLPLogExporter };
      const config = now.protocol === 'grpc' ? grpcConfig(sender, now) : httpConfig(now);
      return withoutDiagnostics(
        () => new upstream.OTLPLogExporter(config as ConstructorParameters<typeof OTLPLogExporter>[0]),
      );
    });
    return exporter && startProvider(sdk, exporter, createResource());
  } catch (error) {
    diag.error(`exceptions stay span events, the logs SDK cannot be used: ${errorText(error)}`);
    return undefined;
  }
}

function startProvider(
  sdkPackage: OptionalPackage,
  exporter: HurriedExporter<Records>,
  resource: Resource,
): RunningExceptionLogs {
  const sdk = sdkPackage.load() as typeof LogsSdk;
  const provider = withoutDiagnostics(
    () => new sdk.LoggerProvider({ resource, processors: [new sdk.BatchLogRecordProcessor({ exporter })] }),
  );
  logs.setGlobalLoggerProvider(provider);
  return {
    hurry: (timeoutMillis) => exporter.hurry(timeoutMillis),
    forceFlush: () => quietly('forceFlush', () => provider.forceFlush()),
    async shutdown() {
      const ended = quietly('shutdown', () => provider.shutdown());
      logs.disable();
      await ended;
    },
  };
}

async function quietly(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    diag.warn(`${what} of log records failed: ${errorText(error)}`);
  }
}
