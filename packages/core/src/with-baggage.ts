import { context, diag, propagation } from '@opentelemetry/api';

import { quoted } from './one-line.ts';
import { refuseOption } from './option-rule.ts';
import { formatBaggageMember } from './sdk/baggage-member.ts';

/**
 * Runs `fn` with more entries in the baggage, which calls made there carry to the services that they reach, and those
 * to the next. An entry takes the place of one of the same key. Spans and log lines have those that `baggageKeys` of
 * `initTracing` names. Baggage goes out in clear with every call: no secrets.
 *
 * @param entries By key, which W3C Baggage wants to be a token (letters, digits, hyphens, …). Undefined is left out;
 *   what cannot be carried is left out too, and `diag` is told.
 * @returns What `fn` returns.
 * @throws TypeError when `entries` is no object or `fn` no function.
 * @example
 * await withBaggage({ tenant: order.tenant }, () => ship(order));
 */
export function withBaggage<T>(entries: Readonly<Record<string, string | undefined>>, fn: () => T): T {
  const given: unknown = entries;
  if (typeof given !== 'object' || given === null) refuseOption('withBaggage: entries', 'an object', given);
  if (typeof fn !== 'function') refuseOption('withBaggage: the last argument', 'a function', fn);
  let baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
  for (const [key, value] of Object.entries<unknown>(entries)) {
    if (value === undefined) continue;
    if (typeof value === 'string' && formatBaggageMember(key, value) !== undefined) {
      baggage = baggage.setEntry(key, { value });
    } else {
      diag.warn(`withBaggage: ${quoted(key)} is left out: the key must be a token and the value a text`);
    }
  }
  return context.with(propagation.setBaggage(context.active(), baggage), fn);
}
