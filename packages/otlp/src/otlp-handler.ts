import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

import { diag } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { OtlpLog } from './log-records.ts';
import {
  answerFailure,
  answerOtlp,
  encodingOf,
  type OtlpPartialSuccess,
  type OtlpSignal,
} from './otlp-answer.ts';
import { otlpDecoder } from './otlp-decoding.ts';
import { completeLimits, type OtlpLimits } from './otlp-limits.ts';
import { OtlpRequestError } from './otlp-request-error.ts';
import { readLogs, readSpans } from './otlp-request.ts';

/** Options of {@link otlpHandler}. */
export interface OtlpHandlerOptions {
  /** Gets the spans of each request, before it is answered. */
  readonly takeSpans: (spans: readonly SpanRecord[]) => void;
  /** Gets the log records of each request, before it is answered. */
  readonly takeLogs: (logs: readonly OtlpLog[]) => void;
  readonly limits?: OtlpLimits;
  /** Is told of each request that was taken. */
  readonly exports?: (taken: OtlpExport) => void;
}

/** One request that was taken. */
export interface OtlpExport {
  /** `/v1/traces` or `/v1/logs`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Size of the unpacked body in bytes. */
  readonly bytes: number;
  /** What was refused of it; absent where all was taken. */
  readonly partial?: OtlpPartialSuccess;
}

const SIGNALS: Readonly<Record<string, OtlpSignal>> = { '/v1/traces': 'traces', '/v1/logs': 'logs' };

/**
 * A handler of `POST /v1/traces` and `/v1/logs` for a server of `node:http`: protobuf and JSON, gzip or not. It answers
 * every request that it is given, as OTLP/HTTP says: what it cannot read, and any other path, with the reason. The
 * promise resolves with the answer, and never rejects.
 *
 * @throws TypeError for a limit that is no whole number above 0.
 * @example
 * const handler = otlpHandler({ takeSpans: (spans) => store.add(spans), takeLogs: () => {} });
 * createServer((request, response) => void handler(request, response)).listen(4318, '127.0.0.1');
 */
export function otlpHandler(
  options: OtlpHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const limits = completeLimits(options.limits);
  const decoder = otlpDecoder();

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    const signal = signalOf(path, request.method);
    const taken =
      signal === 'traces'
        ? await readSpans(request, limits, decoder)
        : await readLogs(request, limits, decoder);
    const { encoding, bytes, partial } = taken;
    if (signal === 'traces') options.takeSpans(taken.records as readonly SpanRecord[]);
    else options.takeLogs(taken.records as readonly OtlpLog[]);
    options.exports?.({ path, headers: request.headers, bytes, ...(partial && { partial }) });
    answerOtlp(response, encoding, partial, signal);
  }

  return async (request, response) => {
    try {
      await take(request, response);
    } catch (error) {
      if (!(error instanceof OtlpRequestError))
        diag.error('otlpHandler: what takes the records failed', error);
      answerFailure(response, encodingOf(request.headers['content-type']), error);
    }
  };
}

function signalOf(path: string, method: string | undefined): OtlpSignal {
  const signal = Object.hasOwn(SIGNALS, path) ? SIGNALS[path] : undefined;
  if (!signal) {
    const hint = path === '/v1/metrics' ? ': set OTEL_METRICS_EXPORTER=none where they are made' : '';
    throw new OtlpRequestError(404, `expected /v1/traces or /v1/logs, got ${path}${hint}`);
  }
  if (method === 'POST') return signal;
  throw new OtlpRequestError(405, `expected POST, got ${method}`);
}
