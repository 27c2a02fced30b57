import type { SpanProcessor } from '@opentelemetry/sdk-trace';

import { addBaggage, copyBaggage } from '../baggage-attributes.ts';
import { checkOption } from '../option-rule.ts';
import { isBaggageKey } from './baggage-member.ts';

/** Whether a value is a list of keys of baggage. */
export function isBaggageKeys(value: unknown): boolean {
  return Array.isArray(value) && value.every(isBaggageKey);
}

/**
 * For an application that sets up a tracer provider of its own: gives every span that starts the `request_id` of its
 * request and the entries of `baggageKeys`. What `initTracing` sets up does so by itself. Log lines have the same
 * entries.
 *
 * @param baggageKeys Keys of baggage, as those of `initTracing`; until the processor is shut down. Default: none.
 * @throws TypeError where they are no array of keys.
 * @example
 * new NodeTracerProvider({ spanProcessors: [baggageSpanProcessor(['tenant']), batch] }).register();
 */
export function baggageSpanProcessor(baggageKeys: readonly string[] = []): SpanProcessor {
  checkOption('baggageKeys', baggageKeys, isBaggageKeys(baggageKeys), 'an array of keys of baggage');
  const stop = copyBaggage([...baggageKeys]);
  return {
    onStart: addBaggage,
    onEnd: () => undefined,
    forceFlush: async () => undefined,
    shutdown: async () => stop(),
  };
}
