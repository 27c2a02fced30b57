import type { SpanExporter } from '@opentelemetry/sdk-trace';

import { exporterSender } from './exporter-sender.ts';
import { createGrpcExporter } from './grpc-exporter.ts';
import { hurried } from './hurried-exporter.ts';
import type { OtlpSettings } from './otlp-settings.ts';
import { addressOf } from '../one-line.ts';
import { causeOf, told } from './export-cause.ts';
import type { ExportOutcome, SpanSender } from './span-sender.ts';

/** Codes of gRPC after which the same request may be sent again (S7, Failures), beside RESOURCE_EXHAUSTED. */
const TRANSIENT: readonly number[] = [1, 4, 10, 11, 14, 15];
const RESOURCE_EXHAUSTED = 8;
/** As gRPC for Go, C++ and Node, and for Java, say it. */
const TOO_LONG = /larger than max|exceeds maximum size/i;
const UNAVAILABLE = 14;

/** Sends by upstream's exporter over gRPC, which makes one attempt. */
export function createGrpcSender(settings: OtlpSettings): SpanSender | undefined {
  // Its deadline is fixed when it is made.
  const exporter = hurried<Parameters<SpanExporter['export']>[0]>(settings, createGrpcExporter);
  if (exporter === undefined) return undefined;
  const sender = exporterSender('otlp', exporter, judge);
  return {
    ...sender,
    address: addressOf(settings.url),
    send(spans, attempt) {
      exporter.hurry(attempt.timeoutMillis);
      return sender.send(spans, attempt);
    },
  };
}

function judge(error: unknown): ExportOutcome {
  const { code, details } = (typeof error === 'object' && error !== null ? error : {}) as ServiceError;
  const cause = typeof details === 'string' ? told(`gRPC status ${code}: ${details}`) : causeOf(error);
  // No answer at all has no code.
  if (code === undefined || TRANSIENT.includes(code)) {
    const hint = 'Is the collector running, and is that its port for gRPC (4317)?';
    return { kind: 'failed', cause, ...(code === UNAVAILABLE && { hint }) };
  }
  // To be asked again only where it says when (S7), which upstream does not pass on. Of the length of a message too.
  if (code === RESOURCE_EXHAUSTED && TOO_LONG.test(cause)) return { kind: 'too large', cause };
  return { kind: 'refused', cause };
}

interface ServiceError {
  readonly code?: number;
  readonly details?: unknown;
}
