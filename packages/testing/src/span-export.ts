import type { IncomingMessage, ServerResponse } from 'node:http';

import type { SpanRecord } from '@org/tracing-core';
import {
  answerOtlp,
  type OtlpEncoding,
  type OtlpPartialSuccess,
  OtlpRequestError,
  readSpanRequest,
} from '@org/tracing-otlp';

/** What one `POST /v1/traces` brought. */
export interface SpanExport {
  readonly encoding: OtlpEncoding;
  readonly spans: readonly SpanRecord[];
}

/** What a collector did not want of an export. */
export type PartialSuccess = OtlpPartialSuccess;

/** The most that a client may send. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Reads an export of spans over OTLP/HTTP, for a collector of your own, such as one that fails as you want.
 *
 * @throws OtlpRequestError, with the `status` that says so, where the request is none, or one of its spans.
 */
export async function readSpanExport(request: IncomingMessage): Promise<SpanExport> {
  const { encoding, records, partial } = await readSpanRequest(request, { bodyBytes: BODY_LIMIT_BYTES });
  if (partial) throw new OtlpRequestError(400, partial.message);
  return { encoding, spans: records };
}

/** Answers an export with 200: success, or a partial one. */
export function answerSpanExport(
  response: ServerResponse,
  encoding: OtlpEncoding,
  partial?: PartialSuccess,
): void {
  answerOtlp(response, encoding, partial);
}
