import { type Context, context, propagation, type Span } from '@opentelemetry/api';

import { setContextFields } from './log-context-fields.ts';
import { isRequestId, REQUEST_ID } from './request-id-form.ts';
import { sharedState } from './shared-state.ts';

/**
 * Asks for entries of the baggage to be copied to every span that starts from here on, and to every log line. Asking
 * again with the same array changes nothing.
 *
 * @returns Takes the wish back; keys that somebody else asked for stay.
 */
export function copyBaggage(keys: readonly string[]): () => void {
  const wishes = (sharedState().baggageWishes ??= new Set());
  if (keys.length > 0 && !wishes.has(keys)) {
    wishes.add(keys);
    gatherKeys();
  }
  return () => {
    if (wishes.delete(keys)) gatherKeys();
  };
}

let stopFields: (() => void) | undefined;

/** One list of all wishes, since it is read for each span and line; none where there is no wish. */
function gatherKeys(): void {
  const state = sharedState();
  const keys = new Set([...(state.baggageWishes ?? [])].flat());
  stopFields?.();
  stopFields = undefined;
  if (keys.size === 0) {
    delete state.baggageKeys;
  } else {
    state.baggageKeys = [...keys];
    stopFields = setContextFields(baggageFields);
  }
}

/**
 * The entries of the baggage that were asked for: `request_id` where a plugin has `requestId`, and those of
 * `baggageKeys`. They are attributes of spans and fields of log lines.
 *
 * @param active Whose baggage; default the active context.
 * @returns Undefined where nobody asked for any, or none of them is there.
 */
export function baggageFields(
  active: Context = context.active(),
): Readonly<Record<string, string>> | undefined {
  const keys = sharedState().baggageKeys;
  if (keys === undefined) return undefined;
  const baggage = propagation.getBaggage(active);
  if (baggage === undefined) return undefined;
  let fields: Record<string, string> | undefined;
  for (const key of keys) {
    const value = baggage.getEntry(key)?.value;
    if (value !== undefined && (key !== REQUEST_ID || isRequestId(value))) (fields ??= {})[key] = value;
  }
  return fields;
}

/** Gives a span that has just started the entries of its context's baggage that were asked for; its own stay. */
export function addBaggage(span: Span & { readonly attributes?: object }, active: Context): void {
  const fields = baggageFields(active);
  if (fields === undefined) return;
  for (const [key, value] of Object.entries(fields)) {
    if (!Object.hasOwn(span.attributes ?? {}, key)) span.setAttribute(key, value);
  }
}
