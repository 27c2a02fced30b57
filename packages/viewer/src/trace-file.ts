import type { Attributes } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';
import {
  logsToOtlpJson,
  type OtlpLog,
  OtlpRequestError,
  readOtlpJson,
  spansToOtlpJson,
} from '@org/tracing-otlp';

import type { ImportResult, JsonValue } from './api.ts';
import { byTime } from './log-api-line.ts';
import { storedLogs } from './otlp-answers.ts';
import { RequestProblem } from './request-problem.ts';
import type { StoredLog } from './stored-log.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceStore } from './trace-store.ts';

/** Longest text that is imported over HTTP. */
export const IMPORT_LIMIT_BYTES: number = 256 * 1024 * 1024;

/** A trace with its log lines as OTLP JSON, which `importTraces` reads. */
export function traceFile(trace: StoredTrace): string {
  return JSON.stringify({
    ...spansToOtlpJson([...trace.spans.values()]),
    ...logsToOtlpJson(trace.logs.toSorted(byTime).map(otlpLog)),
  });
}

/** Takes all spans and log lines of a file of OTLP JSON. @throws RequestProblem (400) where it is something else. */
export function importTraces(file: Buffer, store: TraceStore): ImportResult {
  const { spans, logs, partial } = contentsOf(textOf(file));
  const traceIds = new Set(spans.map(({ traceId }) => traceId));
  const lines = storedLogs(logs);
  store.addSpans(spans);
  store.addLogs(lines);
  const isHere = ({ traceId, spanId }: SpanRecord): boolean => store.get(traceId)?.spans.has(spanId) === true;
  return {
    traceIds: [...traceIds],
    spans: spans.length,
    logs: lines.length,
    missingSpans: spans.filter((span) => !isHere(span)).length,
    ...(partial && { leftOut: partial.message }),
  };
}

/** By its byte order mark, which Windows' shells put before what they redirect; without one it is UTF-8. */
function textOf(file: Buffer): string {
  const [first, second] = file;
  if (first === 0xff && second === 0xfe) return file.toString('utf16le');
  return file.toString('utf8');
}

function contentsOf(text: string): ReturnType<typeof readOtlpJson> {
  try {
    return readOtlpJson(text);
  } catch (error) {
    if (error instanceof OtlpRequestError) throw new RequestProblem(400, error.message, { cause: error });
    throw error;
  }
}

function otlpLog(log: StoredLog): OtlpLog {
  const { traceId, spanId, timeUnixNano, severityNumber, level, message, service } = log;
  return {
    traceId,
    ...(spanId !== undefined && { spanId }),
    timeUnixNano,
    severityNumber,
    severityText: level,
    body: message,
    attributes: flat(log.attributes),
    serviceName: service,
    resourceAttributes: flat(log.resource),
  };
}

/** Objects among the values are text there. */
function flat(values: { readonly [key: string]: JsonValue }): Attributes {
  const texts = Object.entries(values).map(([key, value]) => [
    key,
    isPlain(value) ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts) as Attributes;
}

function isPlain(value: JsonValue): boolean {
  if (Array.isArray(value))
    return value.every((item) => typeof item === typeof value[0] && typeof item !== 'object');
  return typeof value !== 'object';
}
