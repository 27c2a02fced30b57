import type { IncomingMessage, ServerResponse } from 'node:http';

import { type OtlpLog, otlpHandler } from '@org/tracing-otlp';

import { jsonValues } from './json-value.ts';
import { levelOfRecord } from './log-severity.ts';
import type { StoredLog } from './stored-log.ts';
import type { TraceStore } from './trace-store.ts';

/** Answers `/v1/traces` and `/v1/logs`; what comes by them goes into the store. */
export function otlpAnswers(
  store: TraceStore,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return otlpHandler({
    takeSpans: (spans) => store.addSpans(spans),
    takeLogs: (logs) => store.addLogs(storedLogs(logs)),
  });
}

/** Log records that belong to a trace, as the store has them. */
export function storedLogs(logs: readonly OtlpLog[]): StoredLog[] {
  // One object for all that share a resource, as they came.
  const resources = new Map<object, StoredLog['resource']>();
  return logs
    .map((log) => {
      const known = resources.get(log.resourceAttributes);
      const resource = known ?? jsonValues(log.resourceAttributes);
      if (!known) resources.set(log.resourceAttributes, resource);
      return storedLog(log, resource);
    })
    .filter((log): log is StoredLog => log !== undefined);
}

function storedLog(log: OtlpLog, resource: StoredLog['resource']): StoredLog | undefined {
  const { traceId, spanId, severityNumber, severityText, attributes } = log;
  if (traceId === undefined) return undefined;
  return {
    traceId,
    ...(spanId !== undefined && { spanId }),
    timeUnixNano: log.timeUnixNano,
    severityNumber,
    level: levelOfRecord(severityNumber, severityText),
    message: messageOf(log),
    service: log.serviceName,
    attributes: jsonValues(attributes),
    resource,
  };
}

/** A record of an exception or an event has no body: others of its fields say what it was. */
function messageOf({ body, attributes, eventName = '' }: OtlpLog): string {
  if (body !== '') return body;
  const parts = [attributes['exception.type'], attributes['exception.message']];
  return parts.filter((part) => part !== undefined && part !== '').join(': ') || eventName;
}
