import type { Attributes } from '@opentelemetry/api';
import type { SpanRecord } from '@org/tracing-core';

import type { JsonValue } from './api.ts';
import type { StoredLog } from './stored-log.ts';

// What the objects take beside their texts, rather too much: 200,000 spans that count as 247 MiB live in a heap of 270.
const SPAN = 640;
const EVENT = 160;
const LINK = 320;
const LOG = 320;
const ATTRIBUTE = 48;
const ITEM = 16;

/**
 * About how many bytes of memory a span takes.
 *
 * @param before The span of the trace that came before it: the resource and scope of one batch are counted once.
 */
export function sizeOfSpan(span: SpanRecord, before?: SpanRecord): number {
  const { name, attributes, status, resourceAttributes, scope } = span;
  let size = SPAN + name.length + sizeOfAttributes(attributes) + (status.message?.length ?? 0);
  if (resourceAttributes !== before?.resourceAttributes) size += sizeOfAttributes(resourceAttributes);
  if (scope !== before?.scope) size += scope.name.length + (scope.version?.length ?? 0);
  for (const event of span.events) size += EVENT + event.name.length + sizeOfAttributes(event.attributes);
  for (const link of span.links) size += LINK + sizeOfAttributes(link.attributes);
  return size;
}

/** About how many bytes of memory a log line takes. @param before The line of the trace that came before it. */
export function sizeOfLog(log: StoredLog, before?: StoredLog): number {
  const { level, message, service, attributes, resource } = log;
  const size = LOG + level.length + message.length + service.length + sizeOfValue(attributes);
  return resource === before?.resource ? size : size + sizeOfValue(resource);
}

function sizeOfAttributes(attributes: Attributes): number {
  let size = 0;
  for (const key in attributes) {
    const value = attributes[key];
    size += ATTRIBUTE + key.length;
    if (typeof value === 'string') size += value.length;
    else if (Array.isArray(value)) for (const item of value) size += ITEM + String(item).length;
  }
  return size;
}

/** Nested values are those of log lines, whose depth the parser of JSON has bounded by the length of a line. */
function sizeOfValue(value: JsonValue): number {
  let size = 0;
  const waiting: JsonValue[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') size += next.length;
    else if (typeof next === 'object' && next !== null) {
      for (const [key, item] of Object.entries<JsonValue>(next as { readonly [key: string]: JsonValue })) {
        size += ATTRIBUTE + key.length;
        waiting.push(item);
      }
    }
  }
  return size;
}
