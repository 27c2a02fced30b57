import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { type BaggageEntry, type Context, context, propagation } from '@opentelemetry/api';

import { copyBaggage } from './baggage-attributes.ts';
import { checkOption } from './option-rule.ts';
import { isRequestId, REQUEST_ID } from './request-id-form.ts';

/** Where the id of a request is read and answered. */
export interface RequestIdOptions {
  /** Name of the header, in any case. Default: `x-request-id`. */
  readonly header?: string;
}

/** The option `requestId`, ready to be asked for each request. */
export interface RequestIdSettings {
  /** In lower case. */
  readonly header: string;
}

const KEYS: readonly string[] = [REQUEST_ID];

/** RFC 9110 section 5.6.2, `token`. */
const HEADER_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;

/**
 * Reads the option; undefined where ids are off.
 *
 * @throws TypeError that names the option, what was expected, and what it got.
 */
export function readRequestIdOption(
  option: RequestIdOptions | boolean | undefined,
): RequestIdSettings | undefined {
  const isObject = typeof option === 'object' && option !== null && !Array.isArray(option);
  checkOption('requestId', option, typeof option === 'boolean' || isObject, 'true, false or an object');
  if (option === undefined || option === false) return undefined;
  const { header = 'x-request-id' }: RequestIdOptions = option === true ? {} : option;
  const isName = typeof header === 'string' && HEADER_NAME.test(header);
  checkOption('requestId.header', header, isName, 'the name of a header');
  return { header: header.toLowerCase() };
}

/** From here on spans and log lines say the id of what they belong to, where it has one. */
export function showRequestIds(): void {
  copyBaggage(KEYS);
}

/** The id that a request says in its header; undefined where it says none, several, or nothing that may be one. */
export function requestIdInHeader(
  { headers }: IncomingMessage,
  { header }: RequestIdSettings,
): string | undefined {
  const value: unknown = headers[header];
  return isRequestId(value) ? value : undefined;
}

/** The id that the baggage of a context holds; undefined where that is none. */
export function requestIdIn(active: Context): string | undefined {
  const value = propagation.getBaggage(active)?.getEntry(REQUEST_ID)?.value;
  return isRequestId(value) ? value : undefined;
}

/** The context with an id in its baggage: the one that is there, else the candidate if it may be one, else a new one. */
export function identify(active: Context, candidate: unknown): Context {
  if (requestIdIn(active) !== undefined) return active;
  return setRequestId(active, isRequestId(candidate) ? candidate : randomUUID());
}

/** The context without the id that its baggage holds. */
export function withoutRequestId(active: Context): Context {
  const baggage = propagation.getBaggage(active);
  return baggage?.getEntry(REQUEST_ID)
    ? propagation.setBaggage(active, baggage.removeEntry(REQUEST_ID))
    : active;
}

function setRequestId(active: Context, value: string): Context {
  const before = propagation.getBaggage(active);
  if (before === undefined) {
    return propagation.setBaggage(active, propagation.createBaggage({ [REQUEST_ID]: { value } }));
  }
  // First in the header: where all of it is too long, what comes last is not sent. Without a prototype: a key may be
  // `__proto__`.
  const entries = Object.create(null) as Record<string, BaggageEntry>;
  entries[REQUEST_ID] = { value };
  for (const [key, entry] of before.getAllEntries()) if (key !== REQUEST_ID) entries[key] = entry;
  return propagation.setBaggage(active, propagation.createBaggage(entries));
}

/**
 * Runs `fn` with the id of a request, for work whose id comes in no header: a message with the id in its payload, a
 * row of a table, a job. Spans that start in `fn` and log lines that are written there have it as `request_id`, and its
 * calls carry it as baggage. The span that is active already is left as it is, so open one inside.
 *
 * @param id Of 1 to 128 letters, digits and `-._~:+/=@|`. Anything else, undefined above all, gets a new id.
 * @param fn Given the id that holds.
 * @returns What `fn` returns.
 * @throws TypeError when `fn` is no function.
 * @example
 * await withRequestId(message.requestId, () => withSpan('pack order', () => pack(message.order)));
 */
export function withRequestId<T>(id: string | undefined, fn: (id: string) => T): T {
  if (typeof fn !== 'function') {
    throw new TypeError(`withRequestId: expected a function as the last argument; got ${typeof fn}`);
  }
  showRequestIds();
  const value = isRequestId(id) ? id : randomUUID();
  return context.with(setRequestId(context.active(), value), fn, undefined, value);
}

/**
 * The id of the request, message or job that this code runs for, by a plugin's `requestId`, a caller's baggage or
 * {@link withRequestId}; undefined where there is none.
 */
export function activeRequestId(): string | undefined {
  return requestIdIn(context.active());
}
