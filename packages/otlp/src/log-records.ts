import type { Attributes } from '@opentelemetry/api';

import { attributesOf, checkLength, textOf } from './attributes.ts';
import { idOf } from './ids.ts';
import { type Origin, originOf, scopeOf } from './origin.ts';
import { type LogRecord, type LogsRequest, timeOf } from './otlp-definitions.ts';
import type { RecordLimits } from './otlp-limits.ts';
import { checkCount, refusals } from './refusals.ts';
import type { Taken } from './span-records.ts';

/** A log record that arrived over OTLP. */
export interface OtlpLog {
  /** 32 lower-case hex digits; absent where the record belongs to no trace. */
  readonly traceId?: string;
  /** 16 lower-case hex digits; absent where the record belongs to no span. */
  readonly spanId?: string;
  /** Nanoseconds since the Unix epoch: when it happened, else when it was observed. */
  readonly timeUnixNano: bigint;
  /** 1 to 24; 0 where it was not given. */
  readonly severityNumber: number;
  readonly severityText: string;
  /** Text as it is, anything else as JSON; empty where there is none. */
  readonly body: string;
  /** Name of the event, where the record is one. */
  readonly eventName?: string;
  readonly attributes: Attributes;
  /** `service.name` of the resource. */
  readonly serviceName: string;
  readonly resourceAttributes: Attributes;
  /** The logger, where it has a name. */
  readonly scope?: { readonly name: string; readonly version?: string };
}

/** The log records of one request, without those that are refused. @throws OtlpRequestError (413) for too many. */
export function otlpLogs({ resourceLogs }: LogsRequest, limits: RecordLimits): Taken<OtlpLog> {
  const all = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords }) => logRecords);
  checkCount(all.length, limits.records, 'log record', 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE');
  const records: OtlpLog[] = [];
  const refused = refusals('log record');

  for (const { resource, scopeLogs } of resourceLogs) {
    try {
      const origin = originOf(resource, limits);
      for (const { scope, logRecords } of scopeLogs) {
        const logger = scopeOf(scope);
        const common = logger.name === '' ? origin : { ...origin, scope: logger };
        for (const log of logRecords) {
          try {
            records.push(otlpLog(log, common, limits));
          } catch (error) {
            refused.add(error);
          }
        }
      }
    } catch (error) {
      refused.add(
        error,
        scopeLogs.reduce((sum, { logRecords }) => sum + logRecords.length, 0),
      );
    }
  }
  return { records, partial: refused.summary() };
}

/** @throws RecordRefusal */
function otlpLog(log: LogRecord, origin: Origin, limits: RecordLimits): OtlpLog {
  checkLength(log.severityText, limits, () => 'severity_text of a log record');
  return {
    ...(log.traceId.length > 0 && { traceId: idOf(log.traceId, 16, () => 'trace_id of a log record') }),
    ...(log.spanId.length > 0 && { spanId: idOf(log.spanId, 8, () => 'span_id of a log record') }),
    timeUnixNano: timeOf(log.timeUnixNano) || timeOf(log.observedTimeUnixNano),
    severityNumber: log.severityNumber,
    severityText: log.severityText,
    body: log.body === null ? '' : textOf(log.body, limits, () => 'the body of a log record'),
    ...(log.eventName !== '' && { eventName: log.eventName }),
    attributes: attributesOf(log.attributes, limits, () => 'a log record'),
    ...origin,
  };
}
