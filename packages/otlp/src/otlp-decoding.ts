import type { Type } from 'protobufjs/light.js';

import type { OtlpEncoding } from './otlp-answer.ts';
import {
  type Id,
  type LogsRequest,
  logsRequest,
  type TraceRequest,
  traceRequest,
} from './otlp-definitions.ts';
import type { OtlpLimits } from './otlp-limits.ts';
import { OtlpReader, sharedTexts, tooManyParts } from './otlp-reader.ts';
import { OtlpRequestError } from './otlp-request-error.ts';

/** Decodes bodies; texts that come again are kept once, for as long as it lives. */
export interface OtlpDecoder {
  /** @throws OtlpRequestError (400) when the body is no ExportTraceServiceRequest, and (413) when it has too much in it. */
  traces(body: Buffer, encoding: OtlpEncoding, limits: DecodingLimits): TraceRequest;
  /** @throws OtlpRequestError (400) when the body is no ExportLogsServiceRequest, and (413) when it has too much in it. */
  logs(body: Buffer, encoding: OtlpEncoding, limits: DecodingLimits): LogsRequest;
}

export type DecodingLimits = Pick<Required<OtlpLimits>, 'bodyBytes'>;

// A span of usual attributes has ten bytes for each message and text in it, and in JSON twenty for each object. Empty
// ones have two and three, and a hundred in memory.
const BYTES_A_PART: Readonly<Record<OtlpEncoding, number>> = { protobuf: 5, json: 10 };
const PARTS_OF_ANY_BODY = 100_000;

export function otlpDecoder(): OtlpDecoder {
  const shared = sharedTexts();

  function decode(type: Type, body: Buffer, encoding: OtlpEncoding, { bodyBytes }: DecodingLimits): unknown {
    try {
      const parts = Math.max(PARTS_OF_ANY_BODY, Math.ceil(bodyBytes / BYTES_A_PART[encoding]));
      if (encoding === 'json') {
        checkParts(body, parts);
        return fromJson(type, JSON.parse(body.toString('utf8')));
      }
      return type.decode(new OtlpReader(body, shared, parts));
    } catch (error) {
      if (error instanceof OtlpRequestError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OtlpRequestError(400, `the body is no ${type.name} in ${encoding}: ${reason}`, {
        cause: error,
      });
    }
  }

  return {
    traces: (body, encoding, limits) => decode(traceRequest, body, encoding, limits) as TraceRequest,
    logs: (body, encoding, limits) => decode(logsRequest, body, encoding, limits) as LogsRequest,
  };
}

/** The spans that an object of JSON has; none where it has log records only. @throws Error for one of another shape. */
export function tracesFromJson(parsed: unknown): TraceRequest {
  return fromJson(traceRequest, parsed) as TraceRequest;
}

/** The log records that an object of JSON has; none where it has spans only. @throws Error for one of another shape. */
export function logsFromJson(parsed: unknown): LogsRequest {
  return fromJson(logsRequest, parsed) as LogsRequest;
}

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** @throws OtlpRequestError (413) for more objects and lists than there may be, those within texts included. */
function checkParts(body: Buffer, parts: number): void {
  if (body.length <= parts) return;
  let left = parts;
  for (const byte of body) if ((byte === BRACE || byte === BRACKET) && --left < 0) throw tooManyParts();
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
