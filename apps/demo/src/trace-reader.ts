import type { SpanRecord } from '@org/tracing-core';
import type { OtlpReceiver } from '@org/tracing-testing';

import type { System } from './system.ts';

/** Nearly the longest time that a timer takes: for as long as the demo runs. */
const FOREVER_MILLIS = 2 ** 31 - 1;

/**
 * Gives a function whose every call waits for one more trace: the spans of a trace that it has not given
 * before, as soon as those of every hop have arrived, and not before a trace that it has a link to.
 */
export function traceReader(
  receiver: OtlpReceiver,
  { services }: System,
): (timeoutMillis?: number) => Promise<readonly SpanRecord[]> {
  const ports = new Set(Object.values(services).map(({ url }) => Number(new URL(url).port)));
  const given = new Set<string | undefined>();

  return async (timeoutMillis = FOREVER_MILLIS) => {
    if (receiver.traces().every(([span]) => given.has(span?.traceId))) receiver.reset();
    const trace = await receiver.waitForTrace({
      where: (spans) =>
        !given.has(spans[0]?.traceId) &&
        everyHopArrived(spans, ports) &&
        spans.every(({ links }) => links.every(({ traceId }) => given.has(traceId))),
      timeoutMillis,
    });
    given.add(trace[0]?.traceId);
    return trace;
  };
}

/** Whether each call to one of our services has the span of that service below it. */
function everyHopArrived(spans: readonly SpanRecord[], ports: ReadonlySet<number>): boolean {
  const parents = new Set(spans.map((span) => span.parentSpanId));
  const calls = spans.filter(
    ({ attributes }) => attributes['url.full'] !== undefined && ports.has(Number(attributes['server.port'])),
  );
  return calls.every((call) => parents.has(call.spanId));
}
