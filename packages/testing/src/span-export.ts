import type { IncomingMessage, ServerResponse } from 'node:http';

import type { SpanRecord } from '@org/tracing-core';

import { readBody } from './otlp-body.ts';
import {
  decodeTraceRequest,
  encodePartialSuccess,
  encodeSuccess,
  encodingOf,
  type OtlpEncoding,
} from './otlp-message.ts';
import { spanRecords } from './otlp-records.ts';

/** What one `POST /v1/traces` brought. */
export interface SpanExport {
  readonly encoding: OtlpEncoding;
  readonly spans: readonly SpanRecord[];
}

/** What a collector did not want of an export. */
export interface PartialSuccess {
  /** How many spans. */
  readonly rejected: number;
  readonly message: string;
}

/** The most that a client may send. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Reads an export of spans over OTLP/HTTP, for a collector of your own, such as one that fails as you want.
 *
 * @throws OtlpRequestError, with the `status` that says so, where the request is none.
 */
export async function readSpanExport(request: IncomingMessage): Promise<SpanExport> {
  const encoding = encodingOf(request.headers['content-type']);
  const body = await readBody(request, BODY_LIMIT_BYTES);
  return { encoding, spans: spanRecords(decodeTraceRequest(body, encoding)) };
}

/** Answers an export with 200: success, or a partial one. */
export function answerSpanExport(
  response: ServerResponse,
  encoding: OtlpEncoding,
  partial?: PartialSuccess,
): void {
  const body =
    partial === undefined
      ? encodeSuccess(encoding)
      : encodePartialSuccess(partial.rejected, partial.message, encoding);
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
}
