import type { ServerResponse } from 'node:http';

import { logsResponse, rpcStatus, traceResponse } from './otlp-definitions.ts';
import { OtlpRequestError } from './otlp-request-error.ts';

/** How a body is encoded. */
export type OtlpEncoding = 'protobuf' | 'json';

/** What a body holds. */
export type OtlpSignal = 'traces' | 'logs';

/** What a receiver did not want of a request that it took. */
export interface OtlpPartialSuccess {
  /** How many spans or log records. */
  readonly rejected: number;
  /** Why, and what to do. */
  readonly message: string;
}

const CONTENT_TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

// Of google.rpc.Code, for clients that look at it. The HTTP status says whether to try again.
const RPC_CODES: Readonly<Record<number, number>> = { 400: 3, 404: 5, 405: 12, 408: 4, 413: 8, 415: 3 };
const RPC_INTERNAL = 13;

/** How the body of a request with that `content-type` is encoded; undefined for any other. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === CONTENT_TYPES.protobuf) return 'protobuf';
  return type === CONTENT_TYPES.json ? 'json' : undefined;
}

/**
 * Answers a request that was taken with 200: an Export*ServiceResponse of the signal in the encoding of the request, with
 * what was rejected of it, if anything.
 */
export function answerOtlp(
  response: ServerResponse,
  encoding: OtlpEncoding,
  partial?: OtlpPartialSuccess,
  signal: OtlpSignal = 'traces',
): void {
  send(
    response,
    200,
    encoding,
    partial ? encodePartialSuccess(partial, encoding, signal) : success(encoding),
  );
}

/** Answers with a google.rpc.Status in the encoding of the request; as plain text where the request has none of ours. */
export function answerFailure(
  response: ServerResponse,
  encoding: OtlpEncoding | undefined,
  error: unknown,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = error instanceof OtlpRequestError ? error.status : 500;
  const message = error instanceof Error ? error.message : String(error);
  const rpc = { code: RPC_CODES[status] ?? RPC_INTERNAL, message };
  if (status === 405) response.setHeader('allow', 'POST');
  // What is still under way of it would be taken for the next request.
  if (status === 408) response.setHeader('connection', 'close');
  if (encoding === 'json') send(response, status, encoding, Buffer.from(JSON.stringify(rpc)));
  else if (encoding) send(response, status, encoding, rpcStatus.encode(rpcStatus.create(rpc)).finish());
  else send(response, status, undefined, Buffer.from(message));
}

/** A response without anything in it. */
function success(encoding: OtlpEncoding): Uint8Array {
  return Buffer.from(encoding === 'json' ? '{}' : '');
}

function encodePartialSuccess(
  { rejected, message }: OtlpPartialSuccess,
  encoding: OtlpEncoding,
  signal: OtlpSignal,
): Uint8Array {
  const [type, count] =
    signal === 'traces'
      ? ([traceResponse, 'rejectedSpans'] as const)
      : ([logsResponse, 'rejectedLogRecords'] as const);
  // 64 bits are text in protobuf's JSON.
  return encoding === 'json'
    ? Buffer.from(JSON.stringify({ partialSuccess: { [count]: String(rejected), errorMessage: message } }))
    : type.encode(type.fromObject({ partialSuccess: { [count]: rejected, errorMessage: message } })).finish();
}

function send(
  response: ServerResponse,
  status: number,
  encoding: OtlpEncoding | undefined,
  body: Uint8Array,
): void {
  const type = encoding ? CONTENT_TYPES[encoding] : 'text/plain; charset=utf-8';
  response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
}
