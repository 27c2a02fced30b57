import type { SpanRecord } from '@org/tracing-core';

import { otlpLogs, type OtlpLog } from './log-records.ts';
import type { OtlpPartialSuccess } from './otlp-answer.ts';
import { logsFromJson, tracesFromJson } from './otlp-decoding.ts';
import { NO_LIMITS } from './otlp-limits.ts';
import { OtlpRequestError } from './otlp-request-error.ts';
import { spanRecords } from './span-records.ts';

/** What a text of OTLP JSON holds. */
export interface OtlpJsonContents {
  readonly spans: readonly SpanRecord[];
  readonly logs: readonly OtlpLog[];
  /** What was left out, and why; absent where all was read. */
  readonly partial?: OtlpPartialSuccess;
}

interface Part {
  readonly what: string;
  readonly value: unknown;
}

/**
 * Reads OTLP JSON: an object with `resourceSpans`, `resourceLogs` or both, or one such object a line, as the Collector's
 * file exporter writes it. Spans and log records without valid ids, and a last line that breaks off, are left out.
 *
 * @throws OtlpRequestError (400) that says where the text is something else.
 */
export function readOtlpJson(text: string): OtlpJsonContents {
  const spans: SpanRecord[] = [];
  const logs: OtlpLog[] = [];
  const { parts, broken } = partsOf(text.replace(/^\uFEFF/, ''));
  const refused: OtlpPartialSuccess[] = broken ? [broken] : [];

  for (const { what, value } of parts) {
    const read = readPart(what, value);
    for (const span of read.spans.records) spans.push(span);
    for (const log of read.logs.records) logs.push(log);
    for (const { partial } of [read.spans, read.logs]) if (partial) refused.push(partial);
  }
  if (refused.length === 0) return { spans, logs };
  const rejected = refused.reduce((sum, each) => sum + each.rejected, 0);
  return { spans, logs, partial: { rejected, message: refused.map(({ message }) => message).join('; ') } };
}

function readPart(what: string, value: unknown) {
  if (!isOtlp(value)) {
    throw new OtlpRequestError(
      400,
      `${what} is no OTLP JSON: expected an object with resourceSpans or resourceLogs`,
    );
  }
  try {
    return {
      spans: spanRecords(tracesFromJson(value), NO_LIMITS),
      logs: otlpLogs(logsFromJson(value), NO_LIMITS),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpRequestError(400, `${what} is no OTLP JSON: ${reason}`, { cause: error });
  }
}

function partsOf(text: string): { parts: Part[]; broken?: OtlpPartialSuccess } {
  const whole = parse(text);
  if (!whole.error) return { parts: [{ what: 'the text', value: whole.value }] };

  const lines = text.split('\n').flatMap((line, index) => {
    return line.trim() === '' ? [] : [{ what: `line ${index + 1}`, ...parse(line) }];
  });
  const [first] = lines;
  if (!first) throw new OtlpRequestError(400, 'the text is empty: expected OTLP JSON');
  // Then it is no object a line.
  if (first.error) throw new OtlpRequestError(400, `the text is no JSON: ${whole.error}`);
  const last = lines.at(-1);
  const bad = lines.find((line) => line.error && line !== last);
  if (bad) throw new OtlpRequestError(400, `${bad.what} is no JSON: ${bad.error}`);
  if (!last?.error) return { parts: lines };
  const broken = { rejected: 0, message: `${last.what} breaks off and was left out: ${last.error}` };
  return { parts: lines.slice(0, -1), broken };
}

function parse(text: string): { value: unknown; error?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { value: undefined, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Metrics and profiles are OTLP too, and stand beside spans in files of the Collector. */
function isOtlp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return ['resourceSpans', 'resourceLogs', 'resourceMetrics', 'resourceProfiles'].some((key) => key in value);
}
