import protobuf from 'protobufjs/light.js';

import { otlpDescriptor } from './otlp-descriptor.ts';
import { OtlpRequestError } from './otlp-body.ts';

/** How a body is encoded. */
export type OtlpEncoding = 'protobuf' | 'json';

// What the descriptor says, as far as it is read, in the form that `toObject` below makes of it.
export interface OtlpTraceRequest {
  resourceSpans: { resource?: OtlpResource; scopeSpans: { scope?: OtlpScope; spans: OtlpSpan[] }[] }[];
}
export interface OtlpLogsRequest {
  resourceLogs: {
    resource?: OtlpResource;
    scopeLogs: { scope?: OtlpScope; logRecords: OtlpLogRecord[] }[];
  }[];
}
export interface OtlpResource {
  attributes: OtlpKeyValue[];
}
export interface OtlpScope {
  name: string;
  version: string;
}
export interface OtlpSpan {
  traceId: Uint8Array;
  spanId: Uint8Array;
  parentSpanId: Uint8Array;
  name: string;
  kind: number;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: OtlpKeyValue[];
  events: { timeUnixNano: bigint; name: string; attributes: OtlpKeyValue[] }[];
  links: { traceId: Uint8Array; spanId: Uint8Array; attributes: OtlpKeyValue[] }[];
  status?: { message: string; code: number };
}
export interface OtlpLogRecord {
  timeUnixNano: bigint;
  observedTimeUnixNano: bigint;
  severityNumber: number;
  severityText: string;
  body?: OtlpAnyValue;
  attributes: OtlpKeyValue[];
  traceId: Uint8Array;
  spanId: Uint8Array;
}
export interface OtlpKeyValue {
  key: string;
  value?: OtlpAnyValue;
}
export interface OtlpAnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: bigint;
  doubleValue?: number;
  arrayValue?: { values: OtlpAnyValue[] };
  kvlistValue?: { values: OtlpKeyValue[] };
  bytesValue?: Uint8Array;
}

const root = protobuf.Root.fromJSON(otlpDescriptor);
const traceRequest = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');
const logsRequest = root.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest');

// OTLP answers a failure with google.rpc.Status, of which these two fields matter here.
const rpcStatus = new protobuf.Type('Status')
  .add(new protobuf.Field('code', 1, 'int32'))
  .add(new protobuf.Field('message', 2, 'string'));
const INVALID_ARGUMENT = 3;

// The descriptor leaves the answers out, since no exporter is read by us.
const partialSuccess = new protobuf.Type('ExportTracePartialSuccess')
  .add(new protobuf.Field('rejectedSpans', 1, 'int64'))
  .add(new protobuf.Field('errorMessage', 2, 'string'));
const traceResponse = new protobuf.Type('ExportTraceServiceResponse')
  .add(partialSuccess)
  .add(new protobuf.Field('partialSuccess', 1, 'ExportTracePartialSuccess'));

/** How the body of a request with that `content-type` is encoded. @throws OtlpRequestError (415) for any other. */
export function encodingOf(contentType: string | undefined): OtlpEncoding {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf') return 'protobuf';
  if (type === 'application/json') return 'json';
  throw new OtlpRequestError(
    415,
    `content-type: expected application/x-protobuf or application/json, got ${contentType || 'none'}`,
  );
}

/** @throws OtlpRequestError (400) when the body is no ExportTraceServiceRequest. */
export function decodeTraceRequest(body: Buffer, encoding: OtlpEncoding): OtlpTraceRequest {
  return decode(traceRequest, body, encoding) as OtlpTraceRequest;
}

/** @throws OtlpRequestError (400) when the body is no ExportLogsServiceRequest. */
export function decodeLogsRequest(body: Buffer, encoding: OtlpEncoding): OtlpLogsRequest {
  return decode(logsRequest, body, encoding) as OtlpLogsRequest;
}

/** An Export*ServiceResponse that reports no partial success: the same bytes for every signal. */
export function encodeSuccess(encoding: OtlpEncoding): Uint8Array {
  return Buffer.from(encoding === 'json' ? '{}' : '');
}

/** An ExportTraceServiceResponse that rejects some of the spans. */
export function encodePartialSuccess(rejected: number, message: string, encoding: OtlpEncoding): Uint8Array {
  return encoding === 'json'
    ? Buffer.from(
        JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: message } }),
      )
    : traceResponse.encode({ partialSuccess: { rejectedSpans: rejected, errorMessage: message } }).finish();
}

/** A google.rpc.Status. */
export function encodeFailure(message: string, encoding: OtlpEncoding): Uint8Array {
  const status = { code: INVALID_ARGUMENT, message };
  return encoding === 'json'
    ? Buffer.from(JSON.stringify(status))
    : rpcStatus.encode(rpcStatus.create(status)).finish();
}

function decode(type: protobuf.Type, body: Buffer, encoding: OtlpEncoding): unknown {
  try {
    const message = encoding === 'json' ? type.fromObject(parseJson(body)) : type.decode(body);
    return type.toObject(message, { longs: BigInt, defaults: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpRequestError(400, `the body is no ${type.name} in ${encoding}: ${reason}`, {
      cause: error,
    });
  }
}

function parseJson(body: Buffer): Record<string, unknown> {
  const parsed: unknown = JSON.parse(body.toString('utf8'), idFromHex);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw new TypeError('object expected');
}

/** In OTLP/JSON these three bytes fields are hex, where the rest of protobuf's JSON has base64. */
function idFromHex(key: string, value: unknown): unknown {
  if (key !== 'traceId' && key !== 'spanId' && key !== 'parentSpanId') return value;
  // In JSON null stands for a field that is not there.
  if (typeof value !== 'string') return value;
  if (!/^(?:[0-9a-f]{2})*$/i.test(value)) throw new TypeError(`${key}: hex digits expected, got "${value}"`);
  return Buffer.from(value, 'hex');
}
