import type { SpanRecord } from '@org/tracing-core';

import type { ServiceCount } from './behaviour.ts';

/** Which spans have come, by service: an id counts once however often it comes. */
export interface SpanLedger {
  see(spans: readonly SpanRecord[]): void;
  accept(spans: readonly SpanRecord[]): void;
  counts(): Record<string, ServiceCount>;
}

export function spanLedger(): SpanLedger {
  const services = new Map<string, { readonly seen: Set<string>; readonly accepted: Set<string> }>();

  function note(kind: 'seen' | 'accepted', spans: readonly SpanRecord[]): void {
    for (const { serviceName, traceId, spanId } of spans) {
      const service = services.get(serviceName) ?? { seen: new Set(), accepted: new Set() };
      services.set(serviceName, service);
      service[kind].add(`${traceId}${spanId}`);
    }
  }

  return {
    see: (spans) => note('seen', spans),
    accept: (spans) => note('accepted', spans),
    counts: () =>
      Object.fromEntries(
        [...services].map(([name, { seen, accepted }]) => [
          name,
          { seen: seen.size, accepted: accepted.size },
        ]),
      ),
  };
}
