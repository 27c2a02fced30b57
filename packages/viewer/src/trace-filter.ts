import type { Attributes, AttributeValue } from '@opentelemetry/api';

import type { JsonValue } from './api.ts';
import type { StoredTrace } from './stored-trace.ts';
import type { TraceFilters } from './trace-query.ts';

/** Whether a trace passes all filters that need no look at its spans. */
export function passesQuickly(trace: StoredTrace, filters: TraceFilters): boolean {
  const { service, route, status, minMs, maxMs, error, requestId } = filters;
  if (service !== undefined && !trace.services.has(service)) return false;
  if (route !== undefined && !trace.routes.has(route) && trace.head?.name !== route) return false;
  if (status !== undefined && !hasStatus(trace, status)) return false;
  if (minMs !== undefined && trace.durationMs < minMs) return false;
  if (maxMs !== undefined && trace.durationMs > maxMs) return false;
  if (error !== undefined && trace.errorCount > 0 !== error) return false;
  return requestId === undefined || trace.requestIds.has(requestId);
}

function hasStatus(trace: StoredTrace, wanted: string): boolean {
  const status = String(trace.httpStatus ?? '');
  return wanted.endsWith('xx') ? status.length === 3 && status[0] === wanted[0] : status === wanted;
}

/** @param turn Asked after each span; what it gives is awaited. */
export type Search = (trace: StoredTrace, turn: () => Promise<void> | undefined) => Promise<boolean>;

/** The filters that look at every span, as one function; undefined where there are none. */
export function searchOf({ attributes, text }: TraceFilters): Search | undefined {
  if (attributes.length === 0 && text === undefined) return undefined;
  const hasText = text === undefined ? () => Promise.resolve(true) : textSearch(text);
  return async (trace, turn) => {
    for (const { key, value } of attributes) {
      if (!hasAttribute(trace, key, value)) return false;
    }
    return hasText(trace, turn);
  };
}

function hasAttribute(trace: StoredTrace, key: string, wanted: string | undefined): boolean {
  for (const { attributes } of trace.spans.values()) {
    if (!Object.hasOwn(attributes, key)) continue;
    const value = attributes[key];
    if (wanted === undefined || isWritten(value, wanted)) return true;
  }
  return false;
}

/** A list is found by each of its items, and whole as JSON. */
function isWritten(value: AttributeValue | undefined, wanted: string): boolean {
  if (!Array.isArray(value)) return String(value) === wanted;
  return value.some((item) => String(item) === wanted) || JSON.stringify(value) === wanted;
}

/** The fewest digits of a trace id that find it by its end, which is what log lines for people show. */
const ID_END = 8;

function textSearch(text: string): Search {
  // An expression compares without a copy in small letters of each value.
  const pattern = new RegExp(escaped(text), 'iu');
  const id = new RegExp(`^[0-9a-f]{${ID_END},32}$`).test(text.toLowerCase()) ? text.toLowerCase() : undefined;
  return async (trace, turn) => {
    if (id !== undefined && trace.traceId.endsWith(id)) return true;
    for (const service of trace.services.keys()) if (pattern.test(service)) return true;
    for (const span of trace.spans.values()) {
      if (pattern.test(span.name) || pattern.test(span.status.message ?? '')) return true;
      if (valuesMatch(span.attributes, pattern)) return true;
      for (const event of span.events) if (valuesMatch(event.attributes, pattern)) return true;
      const wait = turn();
      if (wait) await wait;
    }
    for (const { message, attributes } of trace.logs) {
      if (pattern.test(message) || anyMatches(attributes, pattern)) return true;
      const wait = turn();
      if (wait) await wait;
    }
    return false;
  };
}

function valuesMatch(attributes: Attributes, pattern: RegExp): boolean {
  for (const key in attributes) if (pattern.test(String(attributes[key]))) return true;
  return false;
}

function anyMatches(value: JsonValue, pattern: RegExp): boolean {
  if (typeof value !== 'object' || value === null) return pattern.test(String(value));
  return Object.values(value).some((item: JsonValue) => anyMatches(item, pattern));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
