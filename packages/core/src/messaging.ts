import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  propagation,
  type Span,
  trace,
} from '@opentelemetry/api';

import { extractContext, injectContext } from './carrier.ts';
import {
  checkFunction,
  checkMessageOptions,
  checkParent,
  type ConsumerSpanOptions,
  type MessageSpanOptions,
} from './messaging-options.ts';
import { ATTR_MESSAGING_MESSAGE_ID, inMessageSpan, PROCESS, SEND } from './messaging-span.ts';

/**
 * Runs `fn`, which sends a message, inside a PRODUCER span `send {destination}`. When `fn` runs, the context of that
 * span is in the carrier. An array of carriers is a batch: one span, its context in each.
 *
 * What `fn` throws is recorded and thrown on as the same value. A carrier that takes nothing is no error.
 *
 * @param carrier Where the message carries context: its headers, a field of its payload. See {@link injectContext}.
 * @returns What `fn` returns.
 * @throws TypeError for a wrong option, before `fn` runs.
 * @example
 * const trace = {};
 * await withProducerSpan({ system: 'pg-boss', destination: 'orders' }, trace, () =>
 *   boss.send('orders', { order, trace }),
 * );
 */
export function withProducerSpan<T>(options: MessageSpanOptions, carrier: unknown, fn: (span: Span) => T): T {
  checkMessageOptions('withProducerSpan', options);
  checkFunction('withProducerSpan', fn);
  const batch: unknown[] | undefined = Array.isArray(carrier) ? carrier : undefined;
  return inMessageSpan(SEND, options, { parent: context.active(), count: batch?.length }, (span) => {
    if (batch === undefined) injectContext(carrier);
    else for (const each of batch) injectContext(each);
    return fn(span);
  });
}

/**
 * Runs `fn`, which processes a message, inside a CONSUMER span `process {destination}` with a link to the producer's
 * span, or as its child. The baggage of the message is active in `fn`. An array of carriers is a batch: one span, a
 * link for each message, no baggage.
 *
 * What `fn` throws is recorded and thrown on as the same value. A carrier without context makes no link.
 *
 * @param carrier Where the message carries context. See {@link extractContext}.
 * @returns What `fn` returns.
 * @throws TypeError for a wrong option, before `fn` runs.
 * @example
 * await boss.work('orders', ([job]) =>
 *   withConsumerSpan({ system: 'pg-boss', destination: 'orders' }, job.data.trace, () => pack(job.data.order)),
 * );
 */
export function withConsumerSpan<T>(
  options: ConsumerSpanOptions,
  carrier: unknown,
  fn: (span: Span) => T,
): T {
  checkMessageOptions('withConsumerSpan', options);
  checkFunction('withConsumerSpan', fn);
  checkParent('withConsumerSpan', options.parent, Array.isArray(carrier));
  if (Array.isArray(carrier)) {
    const ids = typeof options.messageId === 'string' ? [options.messageId] : options.messageId;
    const links = carrier.flatMap((each, index) => linksTo(extractContext(each), ids?.[index]));
    return inMessageSpan(PROCESS, options, { parent: context.active(), links, count: carrier.length }, fn);
  }
  return inMessageSpan(PROCESS, options, { ...consumerStart(options, carrier), count: undefined }, fn);
}

function consumerStart(
  { parent }: ConsumerSpanOptions,
  carrier: unknown,
): { parent: Context; links: Link[] } {
  const active = context.active();
  const message = extractContext(carrier);
  const links = linksTo(message);
  if (parent === 'child' && links.length > 0) {
    // What this is a part of here would be lost otherwise.
    return { parent: extractContext(carrier, active), links: [...links, ...linksTo(active)] };
  }
  const baggage = propagation.getBaggage(message);
  return { parent: baggage === undefined ? active : propagation.setBaggage(active, baggage), links };
}

function linksTo(of: Context, messageId?: string): Link[] {
  const spanContext = trace.getSpanContext(of);
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return [];
  return [
    {
      context: spanContext,
      ...(messageId !== undefined && { attributes: { [ATTR_MESSAGING_MESSAGE_ID]: messageId } }),
    },
  ];
}
