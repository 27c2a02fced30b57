import type { Type } from 'protobufjs/light.js';

import type { OtlpEncoding } from './otlp-answer.ts';
import {
  type Id,
  type LogsRequest,
  logsRequest,
  type TraceRequest,
  traceRequest,
} from './otlp-definitions.ts';
import { OtlpRequestError } from './otlp-request-error.ts';

/** @throws OtlpRequestError (400) when the body is no ExportTraceServiceRequest. */
export function decodeTraces(body: Buffer, encoding: OtlpEncoding): TraceRequest {
  return decode(traceRequest, body, encoding) as TraceRequest;
}

/** @throws OtlpRequestError (400) when the body is no ExportLogsServiceRequest. */
export function decodeLogs(body: Buffer, encoding: OtlpEncoding): LogsRequest {
  return decode(logsRequest, body, encoding) as LogsRequest;
}

/** The spans that an object of JSON has; none where it has log records only. @throws Error for one of another shape. */
export function tracesFromJson(parsed: unknown): TraceRequest {
  return fromJson(traceRequest, parsed) as TraceRequest;
}

/** The log records that an object of JSON has; none where it has spans only. @throws Error for one of another shape. */
export function logsFromJson(parsed: unknown): LogsRequest {
  return fromJson(logsRequest, parsed) as LogsRequest;
}

function decode(type: Type, body: Buffer, encoding: OtlpEncoding): unknown {
  try {
    return encoding === 'json' ? fromJson(type, JSON.parse(body.toString('utf8'))) : type.decode(body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpRequestError(400, `the body is no ${type.name} in ${encoding}: ${reason}`, {
      cause: error,
    });
  }
}

function fromJson(type: Type, parsed: unknown): unknown {
  if (!isObject(parsed)) throw new TypeError('object expected');
  for (const { scopeSpans } of objects(parsed.resourceSpans)) {
    for (const { spans } of objects(scopeSpans)) {
      for (const span of objects(spans)) {
        readIds(span);
        for (const link of objects(span.links)) readIds(link);
      }
    }
  }
  for (const { scopeLogs } of objects(parsed.resourceLogs)) {
    for (const { logRecords } of objects(scopeLogs)) for (const log of objects(logRecords)) readIds(log);
  }
  return type.fromObject(parsed);
}

/** In OTLP's JSON these three fields of bytes are hex, where the rest of protobuf's JSON has base64. */
function readIds(message: Record<string, unknown>): void {
  for (const field of ['traceId', 'spanId', 'parentSpanId']) {
    const text = message[field];
    if (typeof text === 'string') message[field] = idFromHex(text);
  }
}

function idFromHex(text: string): Id {
  // With a length protobufjs takes it for bytes.
  return /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : { text, length: 1 };
}

/** Those of a list that are objects. What else is wrong is protobufjs's to say. */
function objects(list: unknown): Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
