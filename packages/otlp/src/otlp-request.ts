import type { IncomingMessage } from 'node:http';

import type { SpanRecord } from '@org/tracing-core';

import { encodingOf, type OtlpEncoding, type OtlpPartialSuccess } from './otlp-answer.ts';
import { readBody } from './otlp-body.ts';
import { otlpDecoder, type OtlpDecoder } from './otlp-decoding.ts';
import { completeLimits, type OtlpLimits } from './otlp-limits.ts';
import { OtlpRequestError } from './otlp-request-error.ts';
import { otlpLogs, type OtlpLog } from './log-records.ts';
import { spanRecords } from './span-records.ts';

/** What one `POST /v1/traces` or `/v1/logs` brought. */
export interface OtlpRequest<Record = SpanRecord> {
  readonly encoding: OtlpEncoding;
  readonly records: readonly Record[];
  /** What was refused of it, for {@link answerOtlp}; absent where all was taken. */
  readonly partial?: OtlpPartialSuccess;
  /** Size of the unpacked body. */
  readonly bytes: number;
}

/**
 * Reads an export of spans, for a server that answers in its own way; {@link otlpHandler} does both.
 *
 * @throws OtlpRequestError, with the `status` that says so, where the request is none.
 */
export function readSpanRequest(request: IncomingMessage, limits?: OtlpLimits): Promise<OtlpRequest> {
  return readSpans(request, completeLimits(limits), otlpDecoder());
}

/** With what is made once for many requests. */
export function readSpans(
  request: IncomingMessage,
  limits: Required<OtlpLimits>,
  decoder: OtlpDecoder,
): Promise<OtlpRequest> {
  return read(request, limits, (body, encoding) =>
    spanRecords(decoder.traces(body, encoding, limits), limits),
  );
}

/** Log records, with what is made once for many requests. */
export function readLogs(
  request: IncomingMessage,
  limits: Required<OtlpLimits>,
  decoder: OtlpDecoder,
): Promise<OtlpRequest<OtlpLog>> {
  return read(request, limits, (body, encoding) => otlpLogs(decoder.logs(body, encoding, limits), limits));
}

async function read<Record>(
  request: IncomingMessage,
  limits: Required<OtlpLimits>,
  take: (
    body: Buffer,
    encoding: OtlpEncoding,
  ) => { readonly records: Record[]; readonly partial: OtlpPartialSuccess | undefined },
): Promise<OtlpRequest<Record>> {
  const contentType = request.headers['content-type'];
  const encoding = encodingOf(contentType);
  if (!encoding) {
    throw new OtlpRequestError(
      415,
      `content-type: expected application/x-protobuf or application/json, got ${contentType || 'none'}`,
    );
  }
  const body = await readBody(request, limits);
  const { records, partial } = take(body, encoding);
  return { encoding, records, ...(partial && { partial }), bytes: body.length };
}
